import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import type { SecurityEventList } from '@kennwilliamson/contracts/accounts'
import { describe, expect, test } from 'vitest'
import { sweep } from '../sweeps/sweep.ts'
import { expectProblem, PASSWORD, randomAddress, SITE_URL, useHarness } from '../../testing/harness.ts'
import { makeResetLink } from './reset-links.ts'

const harness = useHarness()
const NEW_PASSWORD = 'a louder day in the south'

const makeLink = ({ user }: SessionAnswer) => makeResetLink(harness.sql, { userId: user.id, actorId: null, siteUrl: SITE_URL })
const makeToken = async (own: SessionAnswer) => (await makeLink(own)).url.split('#')[1] ?? ''
const reset = (token: unknown, new_password: unknown = NEW_PASSWORD, ip = randomAddress()) =>
  harness.call('POST', '/auth/reset-password', { body: { token, new_password }, ip })
const signIn = ({ user }: SessionAnswer, password: string) =>
  harness.call('POST', '/auth/login', { body: { email: user.email, password } })
const isAlive = async ({ token }: SessionAnswer) => (await harness.call('GET', '/auth/me', { token })).status === 200

describe('makeResetLink', () => {
  test('S21, S22: is the page with 256 random bits behind #, of which a hash is kept, for 24 hours', async () => {
    const own = await harness.register()
    const { url, expires_at } = await makeLink(own)
    expect(url).toMatch(new RegExp(`^${SITE_URL}/reset#[\\w-]{43}$`))
    const hours = (Date.parse(expires_at) - Date.now()) / 3_600_000
    expect([hours > 23.99, hours < 24.01]).toEqual([true, true])
    const rows =
      await harness.owner`select t::text as row, octet_length(code_hash) as length from one_time_codes t where user_id = ${own.user.id}`
    expect(rows).toMatchObject([{ length: 32 }])
    const token = url.split('#')[1] ?? ''
    for (const form of [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')])
      expect(rows[0]?.['row']).not.toContain(form)
  })

  test('S21: a thousand of them do not repeat', async () => {
    const own = await harness.register()
    const urls = new Set<string>()
    for (let n = 0; n < 1_000; n++) urls.add((await makeLink(own)).url)
    expect(urls.size).toBe(1_000)
  })
})

describe('POST /auth/reset-password', () => {
  test('A14: 204; every session is dead, the new password signs in, and it is among the security events', async () => {
    const own = await harness.register()
    const other = (await signIn(own, PASSWORD)).body as SessionAnswer
    const stranger = await harness.register()
    const heard: string[] = []
    const listening = await harness.owner.listen('revoked_sessions', (id) => heard.push(id))
    const answer = await reset(await makeToken(own))
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect([await isAlive(own), await isAlive(other), await isAlive(stranger)]).toEqual([false, false, true])
    for (const { refresh_token } of [own, other])
      expectProblem(await harness.call('POST', '/auth/refresh', { body: { refresh_token } }), 401, 'INVALID_REFRESH_TOKEN')
    const ids = await harness.owner`select id from sessions where user_id = ${own.user.id}`
    await expect.poll(() => heard.toSorted()).toEqual(ids.map((row) => row['id'] as string).toSorted())
    await listening.unlisten()

    expectProblem(await signIn(own, PASSWORD), 401, 'INVALID_CREDENTIALS')
    const { token } = (await signIn(own, NEW_PASSWORD)).body as SessionAnswer
    const { events } = (await harness.call('GET', '/account/events', { token })).body as SecurityEventList
    const told = events.map(({ action, by }) => `${action} by ${by}`)
    expect(told).toEqual(expect.arrayContaining(['password_reset by you', 'reset_link_made by operator']))
  })

  test('A12: only the newest link works, and only once; all others are one and the same refusal', async () => {
    const own = await harness.register()
    const [replaced, newest] = [await makeToken(own), await makeToken(own)]
    const refused = [await reset(replaced)]
    expect((await reset(newest)).status).toBe(204)
    refused.push(await reset(newest), await reset(replaced))
    const expired = await makeToken(own)
    await harness.owner`update one_time_codes set expires_at = now() where user_id = ${own.user.id}`
    refused.push(await reset(expired))
    for (const unknown of ['A'.repeat(43), '', 'x', "' or 1=1 --", own.refresh_token, own.token.slice(0, 128)])
      refused.push(await reset(unknown))
    for (const answer of refused) expectProblem(answer, 400, 'INVALID_RESET_TOKEN')
    expect(new Set(refused.map(({ text }) => text)).size).toBe(1)
    expect((await signIn(own, NEW_PASSWORD)).status).toBe(200)
  })

  test('A12: a link is void after the password was changed', async () => {
    const own = await harness.register()
    const token = await makeToken(own)
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD }
    expect((await harness.call('PUT', '/account/password', { token: own.token, body })).status).toBe(204)
    expectProblem(await reset(token, 'yet another day'), 400, 'INVALID_RESET_TOKEN')
  })

  test('A12: of 20 uses of one link at once, one is 204', async () => {
    const own = await harness.register()
    const token = await makeToken(own)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => reset(token, `${NEW_PASSWORD} ${n}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 19 }, () => 400)])
    const winner = answers.findIndex(({ status }) => status === 204)
    expect((await signIn(own, `${NEW_PASSWORD} ${winner}`)).status).toBe(200)
  })

  test('A05: a weak password is refused with its reason, and the link is still good', async () => {
    const own = await harness.register({ email: 'hopper-of-the-fleet@example.org' })
    const token = await makeToken(own)
    for (const [weak, code] of [
      ['seven77', 'INVALID_INPUT'],
      ['Password1', 'PASSWORD_TOO_WEAK'],
      ['my Hopper-of-the-Fleet', 'PASSWORD_TOO_WEAK'],
    ] as const) {
      const answer = await reset(token, weak)
      expectProblem(answer, 400, code)
      expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toEqual(['new_password'])
    }
    expect(await isAlive(own)).toBe(true)
    expect((await reset(token)).status).toBe(204)
  })

  test('A19: a link of a deactivated account is none, and one of a deleted account is gone', async () => {
    const own = await harness.register()
    const token = await makeToken(own)
    await harness.owner`update users set active = false where id = ${own.user.id}`
    expectProblem(await reset(token), 400, 'INVALID_RESET_TOKEN')
    await harness.owner`delete from users where id = ${own.user.id}`
    expectProblem(await reset(token), 400, 'INVALID_RESET_TOKEN')
  })

  test('whoever has forgotten the password and tried too often can sign in at once', async () => {
    const own = await harness.register()
    for (let n = 0; n < 8; n++) await signIn(own, `guess ${n}`)
    expectProblem(await signIn(own, PASSWORD), 429, 'TOO_MANY_REQUESTS')
    expect((await reset(await makeToken(own))).status).toBe(204)
    expect((await signIn(own, NEW_PASSWORD)).status).toBe(200)
  })

  test('wrong links count as failures of a network, weak passwords and good links do not', async () => {
    const ip = randomAddress()
    const own = await harness.register()
    const failures = async () => {
      const [row] = await harness.owner`select failures from auth_throttle where scope = 'network' and key = ${ip}`
      return row?.['failures'] as number
    }
    await reset(await makeToken(own), 'Password1', ip)
    await reset(await makeToken(own), NEW_PASSWORD, ip)
    expect(await failures()).toBe(0)
    await reset('wrong', NEW_PASSWORD, ip)
    expect(await failures()).toBe(1)
    await harness.owner`update auth_throttle set failures = 99 where scope = 'network' and key = ${ip}`
    expectProblem(await reset('wrong', NEW_PASSWORD, ip), 400, 'INVALID_RESET_TOKEN')
    const refused = await reset(await makeToken(own), NEW_PASSWORD, ip)
    expectProblem(refused, 429, 'TOO_MANY_REQUESTS')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1)
  })

  test('S14: a link’s token is no access token and no refresh token', async () => {
    const token = await makeToken(await harness.register())
    expectProblem(await harness.call('GET', '/auth/me', { token }), 401, 'UNAUTHENTICATED')
    expectProblem(await harness.call('POST', '/auth/refresh', { body: { refresh_token: token } }), 401, 'INVALID_REFRESH_TOKEN')
  })

  test('S20: no token is in any line of the log', async () => {
    const token = await makeToken(await harness.register())
    await reset(token, 'Password1')
    await reset(token)
    await reset(token)
    expect(harness.logs.join('')).toContain('/backend/auth/reset-password')
    expect(harness.logs.join('')).not.toContain(token)
    expect(harness.logs.join('')).not.toContain(NEW_PASSWORD)
  })

  test('what has expired is swept, and what has not is kept', async () => {
    const [own, other] = [await harness.register(), await harness.register()]
    await makeToken(own)
    const token = await makeToken(other)
    await harness.owner`update one_time_codes set expires_at = now() - interval '1 second' where user_id = ${own.user.id}`
    await sweep(harness.sql, 1800)
    expect(await harness.owner`select from one_time_codes where user_id = ${own.user.id}`).toHaveLength(0)
    expect((await reset(token)).status).toBe(204)
  })
})
