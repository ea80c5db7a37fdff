import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedServer, type RunningServer } from '@kennwilliamson/database/embedded-server'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { migrate } from '@kennwilliamson/database/migrate'
import postgres from 'postgres'

const ROOT = path.join(import.meta.dirname, '..')
const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1e9 }).trim()

/** The newest commit that does not know the newest migration; null where history does not reach so far (a shallow clone). */
function commitBeforeNewestMigration(): string | null {
  const newest = readdirSync(path.join(ROOT, 'database/migrations')).toSorted().at(-1) ?? ''
  try {
    const added = git('log', '--diff-filter=A', '--format=%H', '--', `database/migrations/${newest}`).split('\n').at(-1) ?? ''
    return git('rev-parse', '--verify', '--quiet', `${added || 'HEAD'}${added === '' ? '' : '^'}`)
  } catch {
    return null
  }
}

const before = commitBeforeNewestMigration()

describe.skipIf(before === null)('O08: the release before, on the schema of this one', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kw-release-'))
  const data = mkdtempSync(path.join(tmpdir(), 'kw-release-data-'))
  let server: RunningServer
  let api: ChildProcess
  let origin: string
  let words = ''

  beforeAll(async () => {
    const archive = execFileSync('git', ['archive', before ?? 'HEAD', 'backend', 'contracts', 'database', 'package.json'], {
      cwd: ROOT,
      maxBuffer: 1e9,
    })
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
    borrowPackages(folder)
    server = await startEmbeddedServer({ dataDir: data, port: 0, durable: false })
    const url = new URL(server.url)
    url.pathname = '/release'
    const sql = postgres(server.url, { max: 1 })
    await sql`create database release`
    await sql.end()
    await migrate({ url: url.href })

    const port = await findFreePort()
    origin = `http://127.0.0.1:${port}`
    api = spawn(process.execPath, [path.join(folder, 'backend/src/main.ts')], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        BACKEND_PORT: String(port),
        DATABASE_URL: url.href,
        JWT_SECRET: 'a secret of the release before, long enough',
        SITE_URL: 'https://localhost',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [api.stdout, api.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => (words += chunk))
    for (let tries = 0; tries < 150 && (await ask('GET', '/health/ready').catch(() => null))?.status !== 200; tries++)
      await delay(100)
  }, 120_000)

  afterAll(async () => {
    api.kill('SIGTERM')
    await server.stop()
    for (const name of [folder, data]) rmSync(name, { recursive: true, force: true })
  })

  /** What it has warned of, but for the word that a site without an administrator gives. */
  const warnings = () => words.split('\n').filter((line) => line !== '' && !line.includes('claim code: '))

  async function ask(method: string, target: string, body?: object, token?: string) {
    const answer = await fetch(`${origin}/backend${target}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, string> }
  }

  it('is ready, and signs up, in and out, resets, edits, deletes, lists and shows', async () => {
    expect([(await ask('GET', '/health/ready')).status, warnings()]).toEqual([200, []])
    const account = { email: 'ada@example.org', password: 'a long enough phrase' }
    const made = await ask('POST', '/auth/register', { ...account, display_name: 'Ada' })
    expect(made.status).toBe(201)
    const signedIn = await ask('POST', '/auth/login', account)
    const renewed = await ask('POST', '/auth/refresh', { refresh_token: signedIn.body['refresh_token'] })
    expect([signedIn.status, renewed.status]).toEqual([200, 200])
    const token = renewed.body['token']
    const reset = await ask('POST', '/incident-timers', { notes: 'first' }, token)
    const edited = await ask('PUT', `/incident-timers/${reset.body['id']}`, { notes: 'second' }, token)
    const shown = await ask('GET', '/shared/ada/incident-timer')
    const listed = await ask('GET', '/incident-timers', undefined, token)
    const gone = await ask('DELETE', `/incident-timers/${reset.body['id']}`, undefined, token)
    const out = await ask('POST', '/auth/revoke-all', undefined, token)
    expect([reset, edited, shown, listed, gone, out].map(({ status }) => status)).toEqual([201, 200, 200, 200, 204, 200])
    expect(warnings()).toEqual([])
  })

  it('would not be well if the schema had taken away what it needs: the control', async () => {
    const url = new URL(server.url)
    url.pathname = '/release'
    const sql = postgres(url.href, { max: 1 })
    await sql`alter table timers rename column title to heading`
    await sql.end()
    expect((await ask('GET', '/shared/ada/incident-timer')).status).toBe(500)
  })
})

/** The packages that are installed here, but the workspace's own from the other release. */
function borrowPackages(folder: string): void {
  const installed = path.join(ROOT, 'node_modules')
  mkdirSync(path.join(folder, 'node_modules/@kennwilliamson'), { recursive: true })
  for (const name of readdirSync(installed).filter((entry) => entry !== '@kennwilliamson' && !entry.startsWith('.')))
    symlinkSync(path.join(installed, name), path.join(folder, 'node_modules', name))
  for (const name of readdirSync(path.join(installed, '@kennwilliamson')))
    symlinkSync(
      readlinkSync(path.join(installed, '@kennwilliamson', name)),
      path.join(folder, 'node_modules/@kennwilliamson', name),
    )
}
