import { spawn } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, SITE_URL, useHarness } from './testing/harness.ts'

const harness = useHarness()

/** Runs the program as an operator does, with this environment and no other. */
function run(
  args: string[],
  settings: Record<string, string> = {},
): Promise<{ code: number | null; said: string; complained: string }> {
  const environment = { DATABASE_URL: harness.parts.config.databaseUrl, SITE_URL, ...settings }
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'admin-cli.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complained] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complained += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, said, complained }))
  })
}

const tokenIn = (said: string) => new RegExp(`^${SITE_URL}/reset#([\\w-]{43})\n`).exec(said)?.[1] ?? ''
const reset = (token: string) =>
  harness.call('POST', '/auth/reset-password', { body: { token, new_password: 'a louder day in the south' } })

describe('reset-link', () => {
  test('prints the link and until when; a lost password is recovered with it, without mail, once', async () => {
    const { user } = await harness.register()
    const { code, said, complained } = await run(['reset-link', user.email.toUpperCase()])
    expect([code, complained]).toEqual([0, ''])
    expect(said).toMatch(/\ngood once, until \d{4}-\d\d-\d\dT[\d:.]+Z; a link made before is void\n$/)
    expect((await reset(tokenIn(said))).status).toBe(204)
    expectProblem(await reset(tokenIn(said)), 400, 'INVALID_RESET_TOKEN')
    const body = { email: user.email, password: 'a louder day in the south' }
    expect((await harness.call('POST', '/auth/login', { body })).status).toBe(200)
    expectProblem(
      await harness.call('POST', '/auth/login', { body: { ...body, password: PASSWORD } }),
      401,
      'INVALID_CREDENTIALS',
    )
    const [event] =
      await harness.owner`select actor_id, by_operator from audit_events where action = 'reset_link_made' and subject_id = ${user.id}`
    expect(event).toEqual({ actor_id: null, by_operator: true })
  })

  test('an unknown address and a deactivated account are one clear line and exit code 1', async () => {
    expect(await run(['reset-link', 'nobody@example.org'])).toEqual({
      code: 1,
      said: '',
      complained: 'no active account has the address nobody@example.org\n',
    })
    const { user } = await harness.register()
    await harness.owner`update users set active = false where id = ${user.id}`
    const { code, complained } = await run(['reset-link', user.email])
    expect([code, complained]).toEqual([
      1,
      `the account of ${user.email} is deactivated: an administrator can activate it first\n`,
    ])
  })
})

describe('make-admin', () => {
  test('makes an account an administrator, also when there is one; twice says so', async () => {
    for (const { user } of [await harness.register(), await harness.register()]) {
      expect(await run(['make-admin', user.email])).toEqual({
        code: 0,
        said: `${user.email} is an administrator now\n`,
        complained: '',
      })
      expect((await run(['make-admin', user.email])).said).toBe(`${user.email} is an administrator already\n`)
    }
    expect((await run(['make-admin', 'nobody@example.org'])).code).toBe(1)
  })
})

describe('otherwise', () => {
  test('it says what it can, and what is wrong, in one line without an address of a database', async () => {
    expect((await run(['--help'])).said).toContain('reset-link <email>')
    for (const args of [
      [],
      ['reset-link'],
      ['wipe', 'a@example.org'],
      ['reset-link', 'a@example.org', 'b@example.org'],
      ['--force'],
    ]) {
      const { code, said, complained } = await run(args)
      expect([args, code, said, complained.split('\n').length, complained.includes('--help')]).toEqual([args, 1, '', 2, true])
    }
    const away = 'postgres://nobody:a-password@127.0.0.1:1/nothing'
    expect(await run(['reset-link', 'a@example.org'], { DATABASE_URL: away })).toEqual({
      code: 1,
      said: '',
      complained: 'the database does not answer\n',
    })
    expect((await run(['reset-link', 'a@example.org'], { SITE_URL: '' })).complained).toBe('SITE_URL: is missing\n')
  })
})
