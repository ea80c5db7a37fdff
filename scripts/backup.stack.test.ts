import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, cleanUp, freeSettings, newFolder, processesOf, runSite, type Site } from './testing/run-site.ts'

const ROOT = path.join(import.meta.dirname, '..')
const ACCOUNT = { email: 'backup@example.org', password: 'a long enough passphrase 7', display_name: 'Backup Test' }
const sites: Site[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await cleanUp(site)
})

async function start(settings: Record<string, string>): Promise<Site> {
  const site = await runSite(settings)
  sites.push(site)
  return site
}

async function stop(site: Site): Promise<void> {
  site.npm.kill('SIGTERM')
  await site.ended
}

/** `npm run <command> -- <args>` as a person types it. */
async function npmRun(environment: Record<string, string>, ...words: string[]): Promise<{ code: number | null; output: string }> {
  const [command = '', ...args] = words
  const child = spawn('npm', ['run', '--silent', command, '--', ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

async function signIn(site: Site): Promise<string> {
  const answer = await ask(site, 'POST', '/backend/auth/login', { email: ACCOUNT.email, password: ACCOUNT.password })
  expect(answer.status).toBe(200)
  return (JSON.parse(answer.body) as { token: string }).token
}

async function incidentNotes(site: Site): Promise<(string | null)[]> {
  const answer = await ask(site, 'GET', '/backend/incident-timers', undefined, await signIn(site))
  return (JSON.parse(answer.body) as { notes: string | null }[]).map(({ notes }) => notes)
}

describe('npm run backup and npm run restore', () => {
  it('L12: bring a site back, on the same machine and on a clean one, with every sign-in', async () => {
    const site = await start(await freeSettings(newFolder()))
    const registered = await ask(site, 'POST', '/backend/auth/register', ACCOUNT)
    const token = (JSON.parse(registered.body) as { token: string }).token
    const note = async (notes: string) =>
      expect((await ask(site, 'POST', '/backend/incident-timers', { notes }, token)).status).toBe(201)
    await note('before 🏔️')

    const made = await npmRun(site.environment, 'backup')
    expect([made.code, made.output]).toEqual([0, expect.stringMatching(/^backup \S+ made \(tables, /m)])
    const name = /^backup (\S+) made/m.exec(made.output)?.[1] ?? ''
    await note('after')
    expect(await npmRun(site.environment, 'restore', name, '--replace', '--yes')).toMatchObject({
      code: 1,
      output: expect.stringContaining(`stop the site first: https://localhost:${site.httpsPort}`),
    })
    expect(await npmRun(site.environment, 'backup', 'prove', name)).toMatchObject({ code: 0 })
    await stop(site)

    // The site is stopped, and its data is there.
    expect((await npmRun(site.environment, 'backup', 'list')).output).toMatch(new RegExp(`^${name} .*, proved 20`, 'm'))
    expect((await npmRun(site.environment, 'restore', name)).output).toContain('is not empty')
    expect((await npmRun(site.environment, 'restore', name, '--replace')).output).toContain('--replace wants --yes')
    expect((await npmRun(site.environment, 'restore', '2001-01-01T00-00-00Z', '--replace', '--yes')).output).toContain(
      'There is no backup',
    )
    const restored = await npmRun(site.environment, 'restore', name, '--replace', '--yes')
    expect([restored.code, restored.output]).toEqual([0, expect.stringMatching(/what was there is kept as before-restore-/)])
    expect(processesOf(site.dataDir)).toEqual([])
    const again = await start(site.environment)
    expect(await incidentNotes(again)).toEqual(['before 🏔️'])
    await stop(again)

    // What was replaced can be had back, on a machine that has nothing but this checkout and the backup.
    const kept = /kept as (\S+)/.exec(restored.output)?.[1] ?? ''
    const elsewhere = await freeSettings(newFolder())
    const environment = { ...again.environment, ...elsewhere }
    const folder = path.join(environment['DATA_DIR'] ?? '', 'backups')
    mkdirSync(folder)
    cpSync(path.join(site.dataDir, 'backups', kept), path.join(folder, kept), { recursive: true })
    expect(await npmRun(environment, 'restore', kept)).toMatchObject({ code: 0 })
    const clean = await start(environment)
    expect(await incidentNotes(clean)).toEqual(['after', 'before 🏔️'])
    await stop(clean)

    // Its disk is lost but for the backups and the note that there was something.
    rmSync(path.join(clean.dataDir, 'postgres'), { recursive: true })
    const refused = await start(environment)
    expect(refused.output()).toContain('npm run restore -- latest')
    expect(await npmRun(environment, 'restore', kept)).toMatchObject({ code: 0 })
    expect(await incidentNotes(await start(environment))).toEqual(['after', 'before 🏔️'])
  })

  it('refuse what makes no sense, in one line, and leave nothing running', async () => {
    const environment: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      HOME: '/tmp',
      ...(await freeSettings(newFolder())),
    }
    for (const [words, sentence] of [
      [['backup'], /^there is no database in .*: npm start makes one\n$/],
      [['backup', 'restore', 'x'], /^to restore: npm run restore -- <name>\n$/],
      [['restore'], /^npm run restore -- <name>/],
      [['restore', 'latest'], /There is no backup in /],
    ] as [string[], RegExp][]) {
      const { code, output } = await npmRun(environment, ...words)
      expect([words, code, output]).toEqual([words, 1, expect.stringMatching(sentence)])
    }
    expect((await npmRun(environment, 'backup', '--help')).output).toMatch(/^npm run backup /)
    const wrong = await npmRun({ ...environment, BACKUP_KEEP: 'ever', BACKUP_AT: '25:00', SITE_NAME: '' }, 'backup')
    expect(wrong.output).toMatch(/^BACKUP_AT: must be a time of day[^\n]*\nBACKUP_KEEP: must be a number of days\n$/)
    expect(processesOf(environment['DATA_DIR'] ?? '')).toEqual([])
    rmSync(environment['DATA_DIR'] ?? '', { recursive: true })
  })
})

describe('npm start', () => {
  it('makes up for a missed night soon after the start, and says what came of it', async () => {
    const settings = await freeSettings(newFolder())
    const folder = path.join(settings['DATA_DIR'] ?? '', 'backups')
    const old = path.join(folder, '2020-01-01T03-30-00Z')
    mkdirSync(old, { recursive: true, mode: 0o700 })
    for (const name of ['manifest.json', 'SHA256SUMS']) writeFileSync(path.join(old, name), '')
    const site = await start(settings)
    for (let tries = 0; tries < 900 && !/backup +│ .*removed/.test(site.output()); tries++) await delay(100)
    expect(site.output()).toMatch(
      /backup +│ backup 20\S+ made [^]*backup +│ backup 20\S+ proved: it restores [^]*backup +│ backup 2020-01-01T03-30-00Z removed/,
    )
    const [made = ''] = readdirSync(folder)
    expect(readdirSync(path.join(folder, made))).toContain('PROVED')
    expect(statSync(path.join(folder, made)).mode & 0o777).toBe(0o700)
    expect(existsSync(old)).toBe(false)
  })
})
