import { spawn } from 'node:child_process'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, cleanUp, freeSettings, newFolder, processesOf, runSite, type Site } from './testing/run-site.ts'

const ROOT = path.join(import.meta.dirname, '..')
const ACCOUNT = { email: 'forgetful@example.org', password: 'a long enough passphrase 7', display_name: 'Forgetful' }
let site: Site | undefined
afterEach(async () => {
  if (site !== undefined) await cleanUp(site)
})

/** `npm run admin -- <args>` as a person types it. */
async function admin(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('npm', ['run', '--silent', 'admin', '--', ...args], {
    cwd: ROOT,
    env: site?.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

const tokenIn = (output: string): string => /\/reset#([\w-]{43})$/m.exec(output)?.[1] ?? ''

describe('whoever runs the machine', () => {
  it('finds the claim code in the log, and helps with a lost password without mail, while the site runs and while it does not', async () => {
    site = await runSite(await freeSettings(newFolder()))
    const code = /claim code: ([2-9A-Z-]{19})$/m.exec(site.output())?.[1] ?? ''
    expect(site.output().trim().split('\n').at(-1)).toBe(`ready https://localhost:${site.httpsPort}`)
    const registered = await ask(site, 'POST', '/backend/auth/register', ACCOUNT)
    const { token } = JSON.parse(registered.body) as { token: string }
    const claimed = await ask(site, 'POST', '/backend/auth/claim', { code }, token)
    expect([claimed.status, JSON.parse(claimed.body)]).toMatchObject([200, { roles: ['user', 'admin'] }])

    const made = await admin('reset-link', ACCOUNT.email)
    expect([made.code, made.output]).toEqual([0, expect.stringContaining(`https://localhost:${site.httpsPort}/reset#`)])
    const body = { token: tokenIn(made.output), new_password: 'another passphrase 8' }
    expect((await ask(site, 'POST', '/backend/auth/reset-password', body)).status).toBe(204)
    expect((await ask(site, 'POST', '/backend/auth/reset-password', body)).status).toBe(400)
    expect((await ask(site, 'GET', '/backend/auth/me', undefined, token)).status).toBe(401)
    const signIn = await ask(site, 'POST', '/backend/auth/login', { email: ACCOUNT.email, password: body.new_password })
    expect(signIn.status).toBe(200)
    const session = (JSON.parse(signIn.body) as { token: string }).token
    const stats = await ask(site, 'GET', '/backend/admin/stats', undefined, session)
    const { certificate } = JSON.parse(stats.body) as { certificate: { expires_at: string | null } | null }
    expect(Date.parse(certificate?.expires_at ?? '')).toBeGreaterThan(Date.now() + 30 * 86_400_000)

    for (const [registration, words] of [
      ['closed', 'Nobody new just now'],
      ['open', 'Create my timer'],
    ] as const) {
      expect((await ask(site, 'PUT', '/backend/admin/registration', { registration }, session)).status).toBe(200)
      expect((await ask(site, 'GET', '/register')).body).toContain(words)
      const late = { ...ACCOUNT, email: `late-${registration}@example.org` }
      expect((await ask(site, 'POST', '/backend/auth/register', late)).status).toBe(registration === 'open' ? 201 : 403)
    }
    expect(await admin('reset-link', 'nobody@example.org')).toEqual({
      code: 1,
      output: 'no active account has the address nobody@example.org\n',
    })

    site.npm.kill('SIGTERM')
    await site.ended
    const again = await admin('reset-link', ACCOUNT.email)
    expect([again.code, tokenIn(again.output)]).toEqual([0, expect.stringMatching(/^[\w-]{43}$/)])
    expect((await admin('make-admin', ACCOUNT.email)).output).toContain(`${ACCOUNT.email} is an administrator already`)
    expect(processesOf(site.dataDir)).toEqual([])
  })

  it('is told when there is no database, and what the command can do', async () => {
    site = { environment: { PATH: process.env['PATH'] ?? '', ...(await freeSettings(newFolder())) } } as unknown as Site
    const dataDir = site.environment['DATA_DIR'] ?? ''
    site.dataDir = dataDir
    expect(await admin('reset-link', ACCOUNT.email)).toEqual({
      code: 1,
      output: `there is no database in ${dataDir}: npm start makes one\n`,
    })
    expect(await admin('--help')).toMatchObject({ code: 0, output: expect.stringContaining('reset-link <email>') as string })
    expect((await admin()).code).toBe(1)
  })
})
