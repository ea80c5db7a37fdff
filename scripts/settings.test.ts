import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { proxiesBeforeNginx, readSettings, SETTINGS, usedPorts } from './settings.ts'

const root = path.join(import.meta.dirname, '..')
const read = (environment: Record<string, string>, nginx = true) => readSettings({ environment, root, nginx })

describe('readSettings', () => {
  it('needs nothing: every setting has a default', () => {
    const { settings, problems } = read({})
    expect(problems).toEqual([])
    expect(settings).toMatchObject({ HTTPS_PORT: 8443, SITE_URL: 'https://localhost:8443', DATA_DIR: path.join(root, '.data') })
  })

  it('follows the port in the default address, and leaves out 443', () => {
    expect(read({ HTTPS_PORT: '9443' }).settings.SITE_URL).toBe('https://localhost:9443')
    expect(read({ HTTPS_PORT: '443' }).settings.SITE_URL).toBe('https://localhost')
    expect(read({ HTTP_PORT: '9080' }, false).settings.SITE_URL).toBe('http://localhost:9080')
  })

  it('takes an empty value for an absent one', () => {
    expect(read({ HTTPS_PORT: '', SITE_URL: '' }).settings.HTTPS_PORT).toBe(8443)
  })

  it('lists all problems at once, each with its variable, and no secret', () => {
    const { problems } = read({
      HTTPS_PORT: 'eighty',
      POSTGRES_PORT: '70000',
      SITE_URL: 'example.org',
      JWT_SECRET: 'too-short-secret',
      LOG_LEVEL: 'loud',
      REGISTRATION: 'maybe',
      SESSION_IDLE_SECONDS: '-5',
      DATABASE_URL: 'mysql://localhost/x',
      NUXT_SESSION_PASSWORD_FILE: '/nowhere/at/all',
    })
    const names = problems.map((problem) => problem.split(':')[0])
    expect(new Set(names)).toEqual(
      new Set([
        'HTTPS_PORT',
        'POSTGRES_PORT',
        'SITE_URL',
        'JWT_SECRET',
        'LOG_LEVEL',
        'REGISTRATION',
        'SESSION_IDLE_SECONDS',
        'DATABASE_URL',
        'NUXT_SESSION_PASSWORD_FILE',
      ]),
    )
    expect(problems.join()).not.toContain('too-short-secret')
  })

  it('wants both secrets when the database is given', () => {
    const { problems } = read({ DATABASE_URL: 'postgres://app:x@db.internal/site' })
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['JWT_SECRET', 'NUXT_SESSION_PASSWORD'])
  })

  it('refuses one port for two things, but not for one that is not used', () => {
    expect(read({ HTTP_PORT: '3000' }).problems).toEqual(['HTTP_PORT, FRONTEND_PORT: all of them are 3000'])
    expect(read({ HTTP_PORT: '3000' }, false).problems).toEqual([])
  })

  it('refuses an address with a path, and http behind nginx', () => {
    expect(read({ SITE_URL: 'https://example.org/blog' }).problems).toHaveLength(1)
    expect(read({ SITE_URL: 'http://example.org' }).problems[0]).toMatch(/^SITE_URL: must begin with https/)
    expect(read({ SITE_URL: 'https://Example.org/' }).settings.SITE_URL).toBe('https://example.org')
  })

  it.each(['https://localhost:8443', 'http://example.org', 'http://localhost:1', 'http://localhost.evil.example:8088'])(
    'refuses %s without nginx',
    (address) => {
      expect(read({ SITE_URL: address }, false).problems[0]).toMatch(/^SITE_URL: without nginx/)
    },
  )

  it('reads a secret from a file, without the line break at its end', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kw-settings-'))
    const file = path.join(folder, 'secret')
    writeFileSync(file, `${'x'.repeat(40)}\n`)
    expect(read({ JWT_SECRET_FILE: file }).settings.JWT_SECRET).toBe('x'.repeat(40))
    expect(read({ JWT_SECRET_FILE: file, JWT_SECRET: 'y'.repeat(40) }).problems[0]).toMatch(
      /^JWT_SECRET: is set, and JWT_SECRET_FILE too/,
    )
    rmSync(folder, { recursive: true })
  })
})

describe('SESSION_IDLE_SECONDS', () => {
  it('lies between a minute and 400 days, as the pages want it', () => {
    const problemsOf = (idle: number): string[] =>
      read({ SESSION_IDLE_SECONDS: String(idle), SESSION_ABSOLUTE_SECONDS: '315360000' }).problems
    for (const idle of [60, 604_800, 34_560_000]) expect(problemsOf(idle)).toEqual([])
    for (const idle of [1, 59]) expect(problemsOf(idle)).toEqual(['SESSION_IDLE_SECONDS: must be at least 60'])
    expect(problemsOf(34_560_001)).toEqual(['SESSION_IDLE_SECONDS: must be at most 34560000 (400 days)'])
  })
})

describe('TRUST_PROXY', () => {
  it.each(['127.0.0.1,::1', '10.0.0.0/8, 192.0.2.7', '2001:db8::/32', '::1,', '0.0.0.0/0'])('may be %s', (value) => {
    expect(read({ TRUST_PROXY: value }).problems).toEqual([])
  })

  it.each([
    'dead.beef',
    '10.0.0.0/33',
    'foo',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '::1/129',
    'fe80::1%eth0',
    '127.0.0.1; evil',
    '127.0.0.1,loopback',
  ])('may not be %s', (value) => {
    expect(read({ TRUST_PROXY: value }).problems).toEqual([
      'TRUST_PROXY: must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
    ])
  })

  it('names no proxy before nginx with its default, and the balancer beside it', () => {
    expect(proxiesBeforeNginx(read({}).settings.TRUST_PROXY)).toEqual([])
    expect(proxiesBeforeNginx('127.0.0.1, ::1,127.0.0.0/8, 10.0.0.0/8,2001:db8::7')).toEqual(['10.0.0.0/8', '2001:db8::7'])
  })
})

describe('CORS_ORIGINS', () => {
  it.each(['https://app.example.org', 'https://app.example.org,http://localhost:5173', 'https://[::1]:8443, https://a.example'])(
    'may be %s',
    (value) => {
      expect(read({ CORS_ORIGINS: value }).problems).toEqual([])
    },
  )

  it.each([
    '*',
    'null',
    'app.example.org',
    'https://app.example.org/',
    'https://app.example.org/path',
    'https://app.example.org:443',
    'https://*.example.org',
    'https://APP.example.org',
    'HTTPS://app.example.org',
    'https://user@app.example.org',
    'https://app.example.org?x',
    'https://bücher.example',
    'ftp://app.example.org',
    'https://good.example, *',
    'https://good.example https://other.example',
  ])('may not be %s', (value) => {
    expect(read({ CORS_ORIGINS: value }).problems).toEqual([
      'CORS_ORIGINS: must be origins as browsers send them, such as https://app.example.org, separated by commas',
    ])
  })
})

describe('usedPorts', () => {
  it('knows which ports a way of running needs', () => {
    const { settings } = read({})
    expect(Object.keys(usedPorts(settings, true))).toEqual([
      'HTTPS_PORT',
      'HTTP_PORT',
      'FRONTEND_PORT',
      'BACKEND_PORT',
      'POSTGRES_PORT',
    ])
    expect(Object.keys(usedPorts({ ...settings, DATABASE_URL: 'postgres://elsewhere' }, false))).toEqual([
      'HTTP_PORT',
      'BACKEND_PORT',
    ])
  })
})

describe('.env.example', () => {
  it('shows the defaults', () => {
    const text = readFileSync(path.join(root, '.env.example'), 'utf8')
    const shown = Object.fromEntries([...text.matchAll(/^#([A-Z][A-Z_]+)=(.+)$/gm)].map((match) => [match[1], match[2]]))
    const defaults = SETTINGS.parse({})
    for (const [name, value] of Object.entries(defaults))
      if (name !== 'DATA_DIR') expect([name, shown[name]]).toEqual([name, String(value)])
  })
})
