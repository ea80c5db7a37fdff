import type { User } from '@kennwilliamson/contracts/auth'
import { beforeEach, describe, expect, test } from 'vitest'
import { grantRole } from '../roles/queries.ts'
import {
  buildTestApp,
  expectProblem,
  JWT_SECRET,
  PASSWORD,
  randomAddress,
  testConfig,
  useHarness,
} from '../../testing/harness.ts'
import { provideFirstAdministrator } from './first-administrator.ts'

const harness = useHarness()

/** Starts an instance, as far as the first administrator goes, and gives what it says. */
async function start(config: { adminEmail?: string; jwtSecrets?: string[] } = {}): Promise<string[]> {
  const said: string[] = []
  await provideFirstAdministrator(
    { sql: harness.sql, config: { adminEmail: null, jwtSecrets: [JWT_SECRET], ...config } },
    { warn: (_fields, message) => said.push(message) },
  )
  return said
}

const codeIn = (said: string[]) => /^claim code: ([2-9A-Z-]{19})$/.exec(said.at(-1) ?? '')?.[1] ?? ''
const claim = (token: string, code: unknown, ip = randomAddress()) =>
  harness.call('POST', '/auth/claim', { token, body: { code }, ip })
const administrators = async () =>
  await harness.owner`select ur.user_id from user_roles ur join roles r on r.id = ur.role_id where r.name = 'admin'`
const age = (hours: number) => harness.owner`
  update one_time_codes set expires_at = expires_at - make_interval(hours => ${hours}) where purpose = 'claim'
`

beforeEach(async () => {
  await harness.owner`delete from user_roles where role_id = (select id from roles where name = 'admin')`
  await harness.owner`delete from one_time_codes`
  await harness.owner`delete from auth_throttle`
})

describe('the claim code', () => {
  test('is the same for instances that start together, and only a hash and a nonce are kept', async () => {
    const said = await Promise.all(Array.from({ length: 8 }, () => start()))
    const [code = ''] = said.map(codeIn)
    expect(code).toHaveLength(19)
    expect(said).toEqual(said.map(() => [`claim code: ${code}`]))
    const rows = await harness.owner`
      select t::text as row, octet_length(nonce) as nonce, expires_at > now() + interval '23 hours 59 minutes' as fresh,
        expires_at <= now() + interval '24 hours' as bounded
      from one_time_codes t
    `
    expect(rows).toMatchObject([{ nonce: 16, fresh: true, bounded: true }])
    for (const form of [code, code.replaceAll('-', ''), Buffer.from(code).toString('hex')])
      expect(String(rows[0]?.['row']).toLowerCase()).not.toContain(form.toLowerCase())
  })

  test('stays while more than 12 hours are left, and is another afterwards', async () => {
    const code = codeIn(await start())
    await age(11)
    expect(codeIn(await start())).toBe(code)
    await age(2)
    const next = codeIn(await start())
    expect(next).toHaveLength(19)
    expect(next).not.toBe(code)
    const { token } = await harness.register()
    expectProblem(await claim(token, code), 403, 'WRONG_CODE')
    expect((await claim(token, next)).status).toBe(200)
  })

  test('goes on while the secret is replaced, and is another when the old one is forgotten', async () => {
    const code = codeIn(await start())
    const newSecret = 'another secret for tests, as long as the first'
    expect(codeIn(await start({ jwtSecrets: [newSecret, JWT_SECRET] }))).toBe(code)
    const said = await Promise.all([start({ jwtSecrets: [newSecret] }), start({ jwtSecrets: [newSecret] })])
    const next = codeIn(said[0])
    expect(said.map(codeIn)).toEqual([next, next])
    expect(next).not.toBe(code)
    expectProblem(await claim((await harness.register()).token, code), 403, 'WRONG_CODE')
    expect((await claim((await harness.register()).token, next)).status).toBe(200)
  })

  test('is not said once there is an administrator, and again when there is none any more', async () => {
    const code = codeIn(await start())
    const { user, token } = await harness.register()
    expect((await claim(token, code)).status).toBe(200)
    expect(await start()).toEqual([])
    await harness.owner`delete from users where id = ${user.id}`
    const next = codeIn(await start())
    expect(next).toHaveLength(19)
    expect(next).not.toBe(code)
  })
})

describe('POST /auth/claim', () => {
  test('makes the user of the right code an administrator, however it is written; from then on it is 404', async () => {
    const code = codeIn(await start())
    const own = await harness.register()
    const answer = await claim(own.token, ` ${code.toLowerCase().replaceAll('-', ' ')}`)
    expect([answer.status, answer.body as User]).toEqual([200, { ...own.user, roles: ['user', 'admin'] }])
    const events = await harness.owner`
      select actor_id, subject_id, by_operator from audit_events where action = 'admin_claimed' and subject_id = ${own.user.id}
    `
    expect(events).toEqual([{ actor_id: own.user.id, subject_id: own.user.id, by_operator: false }])
    for (const token of [own.token, (await harness.register()).token])
      for (const any of [code, 'AAAA-AAAA-AAAA-AAAA']) expectProblem(await claim(token, any), 404, 'NOT_FOUND')
  })

  test('of 50 claims at once, by 50 people, exactly one makes an administrator', async () => {
    const code = codeIn(await start())
    const people = await Promise.all(Array.from({ length: 50 }, () => harness.register()))
    const answers = await Promise.all(people.map(({ token }) => claim(token, code)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 49 }, () => 404)])
    const winner = people[answers.findIndex(({ status }) => status === 200)]
    expect(await administrators()).toEqual([{ user_id: winner?.user.id }])
  })

  test.each([
    ['a wrong one', 'AAAA-BBBB-CCCC-DDDD', 403, 'WRONG_CODE'],
    ['an empty one', '', 403, 'WRONG_CODE'],
    ['I01: one with SQL in it', "' or 1=1 --", 403, 'WRONG_CODE'],
    ['one of 65 characters', 'A'.repeat(65), 400, 'INVALID_INPUT'],
    ['A09: one that is a list', ['A'], 400, 'INVALID_INPUT'],
    ['none', undefined, 400, 'INVALID_INPUT'],
  ] as const)('%s is refused', async (_what, code, status, error) => {
    await start()
    expectProblem(await claim((await harness.register()).token, code), status, error)
    expect(await administrators()).toEqual([])
  })

  test('an expired code is refused as a wrong one', async () => {
    const code = codeIn(await start())
    await age(24)
    const { token } = await harness.register()
    expectProblem(await claim(token, code), 403, 'WRONG_CODE')
    expect(codeIn(await start())).not.toBe(code)
  })

  test('before any code was made none is right, and nobody who is not signed in may try', async () => {
    expectProblem(await claim((await harness.register()).token, 'AAAA-BBBB-CCCC-DDDD'), 403, 'WRONG_CODE')
    const code = codeIn(await start())
    expectProblem(await harness.call('POST', '/auth/claim', { body: { code } }), 401, 'UNAUTHENTICATED')
  })

  test('tries are limited for a user, and for a network', async () => {
    const code = codeIn(await start())
    const { token } = await harness.register()
    const statuses = []
    for (let n = 0; n < 21; n++) statuses.push((await claim(token, `guess ${n}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 403), 429])
    const refused = await claim(token, code)
    expectProblem(refused, 429, 'TOO_MANY_REQUESTS')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60)
    expect(await administrators()).toEqual([])

    const ip = randomAddress()
    const people = await Promise.all(Array.from({ length: 21 }, () => harness.register()))
    for (const [n, person] of people.entries()) expect((await claim(person.token, 'wrong', ip)).status).toBe(n < 20 ? 403 : 429)
    // The check is not blind: from elsewhere somebody else still may.
    expect((await claim((await harness.register()).token, code)).status).toBe(200)
  })
})

describe('ADMIN_EMAIL', () => {
  test('makes the account with that address the first administrator at a start, and says so', async () => {
    const { user, token } = await harness.register()
    expect(await start({ adminEmail: user.email.toUpperCase() })).toEqual(['the account of ADMIN_EMAIL is an administrator now'])
    expect(((await harness.call('GET', '/auth/me', { token })).body as User).roles).toEqual(['user', 'admin'])
    const [event] =
      await harness.owner`select actor_id, by_operator from audit_events where subject_id = ${user.id} and action = 'admin_claimed'`
    expect(event).toEqual({ actor_id: null, by_operator: true })
    expect(await start({ adminEmail: user.email })).toEqual([])
  })

  test('without that account it says what to do, and the code is good', async () => {
    const [warning, code] = await start({ adminEmail: 'not-yet@example.org' })
    expect(warning).toMatch(/nobody can sign up meanwhile: use the claim code, or sign up before it is set$/)
    expect(code).toMatch(/^claim code: /)
    await harness.register({ email: 'not-yet@example.org' })
    // Never at registration.
    expect(await administrators()).toEqual([])
  })

  test('while it waits, nobody gets its address by signing up with it first, and nobody learns which one it is', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused', { adminEmail: 'Boss@example.org' }), harness.sql)
    const taken = await harness.register()
    const signUp = async (email: string) => {
      const payload = { email, password: PASSWORD, display_name: 'Somebody' }
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: '/backend/auth/register',
        payload,
        remoteAddress: randomAddress(),
      })
      return { statusCode, body }
    }
    const refused = await signUp('bOSS@example.org')
    expect(refused.statusCode).toBe(409)
    expect(refused).toEqual(await signUp(taken.user.email))
    expect(await harness.owner`select from users where email = 'boss@example.org'`).toHaveLength(0)
    // The check is not blind: other addresses are free, and this one too once there is an administrator.
    expect((await signUp('somebody-else@example.org')).statusCode).toBe(201)
    await grantRole(harness.sql, taken.user.id, 'admin')
    expect((await signUp('boss@example.org')).statusCode).toBe(201)
    await app.close()
  })

  test('is nothing while there is an administrator, and a deactivated account is none', async () => {
    const [first, second] = [await harness.register(), await harness.register()]
    await harness.owner`update users set active = false where id = ${second.user.id}`
    expect((await start({ adminEmail: second.user.email }))[0]).toContain('no active account')
    await harness.owner`update users set active = true where id = ${second.user.id}`
    await grantRole(harness.sql, first.user.id, 'admin')
    expect(await start({ adminEmail: second.user.email })).toEqual([])
    expect(await administrators()).toEqual([{ user_id: first.user.id }])
  })

  test('of ten instances that start together one does it', async () => {
    const { user } = await harness.register()
    const said = await Promise.all(Array.from({ length: 10 }, () => start({ adminEmail: user.email })))
    expect(said.flat()).toEqual(['the account of ADMIN_EMAIL is an administrator now'])
  })
})
