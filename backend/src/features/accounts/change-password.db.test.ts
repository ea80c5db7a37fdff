import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { makeResetLink } from '../recovery/reset-links.ts'
import { expectProblem, PASSWORD, SITE_URL, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
const NEW_PASSWORD = 'a louder day in the south'

const change = (token: string, current = PASSWORD, next: unknown = NEW_PASSWORD) =>
  harness.call('PUT', '/account/password', { token, body: { current_password: current, new_password: next } })
const signIn = (email: string, password: string) => harness.call('POST', '/auth/login', { body: { email, password } })
const isAlive = async ({ token }: SessionAnswer) => (await harness.call('GET', '/auth/me', { token })).status === 200
const hashOf = async ({ user }: SessionAnswer) =>
  (await harness.owner`select password_hash from users where id = ${user.id}`)[0]?.['password_hash'] as string
const eventsOf = async ({ user }: SessionAnswer, action: string) =>
  await harness.owner`select actor_id, subject_id from audit_events where subject_id = ${user.id} and action = ${action}`

describe('PUT /account/password', () => {
  test('204: the new password signs in, the old one does not, and it is among the security events', async () => {
    const own = await harness.register()
    const answer = await change(own.token)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect((await signIn(own.user.email, NEW_PASSWORD)).status).toBe(200)
    expectProblem(await signIn(own.user.email, PASSWORD), 401, 'INVALID_CREDENTIALS')
    expect(await hashOf(own)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await eventsOf(own, 'password_changed')).toEqual([{ actor_id: own.user.id, subject_id: own.user.id }])
  })

  test('S10: every other session is dead at once, its refresh token too, and told to all instances; the own one lives', async () => {
    const own = await harness.register()
    const other = (await signIn(own.user.email, PASSWORD)).body as SessionAnswer
    const stranger = await harness.register()
    const heard: string[] = []
    const listening = await harness.owner.listen('revoked_sessions', (id) => heard.push(id))
    expect((await change(own.token)).status).toBe(204)
    expect([await isAlive(own), await isAlive(other), await isAlive(stranger)]).toEqual([true, false, true])
    const refresh = (session: SessionAnswer) =>
      harness.call('POST', '/auth/refresh', { body: { refresh_token: session.refresh_token } })
    expectProblem(await refresh(other), 401, 'INVALID_REFRESH_TOKEN')
    expect((await refresh(own)).status).toBe(200)
    const [session] = await harness.owner`select id from sessions where user_id = ${own.user.id} and revoked_at is not null`
    await expect.poll(() => heard).toEqual([session?.['id']])
    await listening.unlisten()
  })

  test('A15: a wrong current password is refused beside its field, and nothing is changed', async () => {
    const own = await harness.register()
    const [hash, other] = [await hashOf(own), (await signIn(own.user.email, PASSWORD)).body as SessionAnswer]
    const answer = await change(own.token, 'not the password')
    expectProblem(answer, 403, 'WRONG_PASSWORD')
    expect((answer.body as { errors: unknown[] }).errors).toEqual([
      { path: 'current_password', message: 'This is not your password' },
    ])
    expect([await hashOf(own), await isAlive(other)]).toEqual([hash, true])
  })

  test.each([
    ['A15: without the current password', { new_password: NEW_PASSWORD }, 'INVALID_INPUT', 'current_password'],
    ['without a new one', { current_password: PASSWORD }, 'INVALID_INPUT', 'new_password'],
    [
      'A05: with a new one of 7 characters',
      { current_password: PASSWORD, new_password: 'seven77' },
      'INVALID_INPUT',
      'new_password',
    ],
    ['A05: with a common one', { current_password: PASSWORD, new_password: 'Password1' }, 'PASSWORD_TOO_WEAK', 'new_password'],
    [
      'A09: with one that is a list',
      { current_password: [PASSWORD], new_password: NEW_PASSWORD },
      'INVALID_INPUT',
      'current_password',
    ],
    [
      'A08: with one of 257 characters',
      { current_password: 'x'.repeat(257), new_password: NEW_PASSWORD },
      'INVALID_INPUT',
      'current_password',
    ],
  ] as const)('%s it is 400', async (_what, body, code, path) => {
    const own = await harness.register()
    const hash = await hashOf(own)
    const answer = await harness.call('PUT', '/account/password', { token: own.token, body })
    expectProblem(answer, 400, code)
    expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toEqual([path])
    expect(await hashOf(own)).toBe(hash)
  })

  test('A05: the name in one’s own address is refused as a password', async () => {
    const own = await harness.register({ email: 'hopper-of-the-navy@example.org' })
    expectProblem(await change(own.token, PASSWORD, 'xx Hopper-of-the-Navy xx'), 400, 'PASSWORD_TOO_WEAK')
  })

  test('A15: a stale session is refused: one that ended, and one that ends while the password is looked at', async () => {
    const own = await harness.register()
    const other = (await signIn(own.user.email, PASSWORD)).body as SessionAnswer
    // Elsewhere, and not heard of here yet.
    await harness.owner`update sessions set revoked_at = now() where user_id = ${own.user.id} and id = (
      select id from sessions where user_id = ${own.user.id} order by id desc limit 1
    )`
    expectProblem(await change(other.token), 401, 'UNAUTHENTICATED')
    expectProblem(await signIn(own.user.email, NEW_PASSWORD), 401, 'INVALID_CREDENTIALS')

    const changing = change(own.token)
    await harness.owner`update sessions set revoked_at = now() where user_id = ${own.user.id}`
    expectProblem(await changing, 401, 'UNAUTHENTICATED')
    expectProblem(await signIn(own.user.email, NEW_PASSWORD), 401, 'INVALID_CREDENTIALS')
  })

  test('of five changes at once one wins, and the others are told that the password is wrong', async () => {
    const own = await harness.register()
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => change(own.token, PASSWORD, `${NEW_PASSWORD} ${n}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 403, 403, 403, 403])
    const winner = answers.findIndex(({ status }) => status === 204)
    expect((await signIn(own.user.email, `${NEW_PASSWORD} ${winner}`)).status).toBe(200)
    expect(await eventsOf(own, 'password_changed')).toHaveLength(1)
  })

  test('a link to a new password that was made before is void', async () => {
    const own = await harness.register()
    const { url } = await makeResetLink(harness.sql, { userId: own.user.id, actorId: null, siteUrl: SITE_URL })
    await change(own.token)
    const body = { token: url.split('#')[1], new_password: 'somebody else’s wish' }
    expectProblem(await harness.call('POST', '/auth/reset-password', { body }), 400, 'INVALID_RESET_TOKEN')
  })

  test('wrong passwords have to wait after five, for this session alone, and the right one ends that', async () => {
    const own = await harness.register()
    const other = (await signIn(own.user.email, PASSWORD)).body as SessionAnswer
    const before = harness.parts.tally.throttled.device
    const tries = []
    for (let n = 0; n < 7; n++) tries.push(await change(own.token, `guess ${n}`))
    expect(tries.slice(0, 5).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
    const refused = tries.find(({ status }) => status === 429)
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(harness.parts.tally.throttled.device).toBeGreaterThan(before)
    // Its owner, elsewhere, is not held up by it, and neither is signing in.
    expect((await signIn(own.user.email, PASSWORD)).status).toBe(200)
    expect((await change(other.token)).status).toBe(204)
  })

  test('nobody can keep an owner from changing the password by failing to sign in elsewhere', async () => {
    const own = await harness.register()
    for (let n = 0; n < 8; n++) await signIn(own.user.email, `guess ${n}`)
    expectProblem(await signIn(own.user.email, PASSWORD), 429, 'TOO_MANY_REQUESTS')
    expect((await change(own.token)).status).toBe(204)
  })
})
