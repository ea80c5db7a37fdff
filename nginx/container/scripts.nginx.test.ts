import { execFile, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const HERE = import.meta.dirname
let folder: string
let templates: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kw-nginx-container-'))
  templates = path.join(folder, 'templates')
  spawnSync(process.execPath, [path.join(HERE, 'render.ts'), templates])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('render.ts', () => {
  it('leaves nothing open but the names that are known at the start, in both forms', () => {
    const names = readFileSync(path.join(templates, 'names-at-start'), 'utf8').trim().split('\n')
    for (const form of ['production', 'development']) {
      const files = readdirSync(path.join(templates, form), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      )
      const text = files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8')).join('\n')
      const open = new Set([...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name))
      expect([...open].toSorted()).toEqual(names.toSorted())
      expect(text).toContain('resolver ${RESOLVER} valid=2s ipv6=off;')
    }
  })

  it('keeps a last good answer for less than the 60 s that it may be old, in all', () => {
    expect(readFileSync(path.join(templates, 'production/snippets/last-good.conf'), 'utf8')).toContain(
      'proxy_cache_valid 200 55s;',
    )
  })
})

describe('O13: entrypoint.sh refuses, in one line and before it writes anything,', () => {
  it.each([
    ['SITE_URL', 'http://example.org'],
    ['SITE_URL', 'https://example.org/path'],
    ['SITE_URL', 'https://EXAMPLE.org'],
    ['SITE_URL', 'https://example.org; } server { listen 81;'],
    ['SITE_URL', 'https://$host'],
    ['SITE_URL', 'https://example.org\nload_module evil;'],
    ['HTTPS_PORT', '99999'],
    ['HTTPS_PORT', '443;'],
    ['TRUST_PROXY', '10.0.0.0/8; allow all'],
    ['TRUST_PROXY', 'everyone'],
    ['CERTIFICATE', 'certificate.pem'],
    ['CERTIFICATE_KEY', '/a b;'],
    ['BACKEND', 'backend'],
    ['BACKEND', 'backend:8080/path'],
    ['BACKEND', '$host:80'],
    ['FRONTEND', 'unix:/tmp/x'],
    ['RESOLVER', 'dns.example.org'],
    ['WORKERS', 'many'],
    ['CONNECTIONS', '1'],
  ])('%s=%j', (name, value) => {
    const { status, stdout, stderr } = spawnSync('bash', [path.join(HERE, 'entrypoint.sh')], {
      env: { PATH: process.env['PATH'], [name]: value, TEMPLATES: templates },
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.startsWith(`nginx: ${name} must be `)).toBe(true)
    expect(stderr.replace(value, '').trim().split('\n')).toHaveLength(1)
  })
})

describe('keep-assets.sh', () => {
  const keepAssets = (own: string, kept: string): Promise<unknown> =>
    promisify(execFile)('sh', [path.join(HERE, 'keep-assets.sh'), own, kept])

  function release(name: string, ...files: string[]): string {
    const own = path.join(folder, name)
    mkdirSync(path.join(own, '_nuxt/builds'), { recursive: true })
    for (const file of [...files, 'builds/latest.json', `${files[0] ?? ''}.map`]) {
      writeFileSync(path.join(own, '_nuxt', file), `${name} ${file}`)
    }
    return own
  }

  it('keeps what the release before had for a day, and no longer', async () => {
    const kept = path.join(folder, 'volume')
    mkdirSync(kept)
    const first = release('first', 'a.111.js', 'same.js')
    const second = release('second', 'a.222.js', 'same.js')
    await keepAssets(first, kept)
    const files = (): string[] => readdirSync(path.join(kept, '_nuxt')).toSorted()
    expect(files()).toEqual(['a.111.js', 'same.js'])

    const ago = (hours: number): number => Date.now() / 1_000 - hours * 3_600
    for (const file of files()) utimesSync(path.join(kept, '_nuxt', file), ago(23), ago(23))
    await keepAssets(second, kept)
    expect(files()).toEqual(['a.111.js', 'a.222.js', 'same.js'])
    expect(readFileSync(path.join(kept, '_nuxt/a.222.js'), 'utf8')).toBe('second a.222.js')

    utimesSync(path.join(kept, '_nuxt/a.111.js'), ago(25), ago(25))
    await keepAssets(second, kept)
    expect(files()).toEqual(['a.222.js', 'same.js'])
  })

  it('does no harm twice at once', async () => {
    const kept = path.join(folder, 'shared')
    mkdirSync(kept)
    const names = Array.from({ length: 50 }, (_, index) => `chunk.${index}.js`)
    const own = release('busy', ...names)
    await Promise.all([keepAssets(own, kept), keepAssets(own, kept), keepAssets(own, kept)])
    expect(readdirSync(path.join(kept, '_nuxt')).toSorted()).toEqual(names.toSorted())
    for (const name of names) expect(statSync(path.join(kept, '_nuxt', name)).size).toBe(`busy ${name}`.length)
  })

  it('is content without a volume', async () => {
    await keepAssets(release('alone', 'a.js'), path.join(folder, 'none'))
    expect(existsSync(path.join(folder, 'none'))).toBe(false)
  })
})
