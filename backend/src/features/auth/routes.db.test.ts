import type { SessionAnswer, User } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import {
  ageSessions,
  buildTestApp,
  expectProblem,
  PASSWORD,
  randomAddress,
  testConfig,
  useHarness,
} from '../../testing/harness.ts'
import { listRevokedSessions } from './queries.ts'

const harness = useHarness()

async function login(email: string, password: string, ip = randomAddress()) {
  return await harness.call('POST', '/auth/login', { body: { email, password }, ip })
}

async function refresh(refreshToken: unknown) {
  return await harness.call('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
}

const me = (token: string, headers: Record<string, string> = {}) => harness.call('GET', '/auth/me', { token, headers })

describe('POST /auth/login', () => {
  test('answers a session of its own, by the address in any case', async () => {
    const { user } = await harness.register({ email: 'Ada.Lovelace@example.org' })
    const [one, two] = [await login('ada.lovelace@EXAMPLE.org', PASSWORD), await login('Ada.Lovelace@example.org ', PASSWORD)]
    expect([one.status, two.status]).toEqual([200, 200])
    const [a, b] = [one.body as SessionAnswer, two.body as SessionAnswer]
    expect(a.user).toEqual(user)
    expect(a.refresh_token).toMatch(/^[0-9a-f]{64}$/)
    expect(a.refresh_token.slice(0, 32)).not.toBe(b.refresh_token.slice(0, 32))
    expect((await me(a.token)).status).toBe(200)
  })

  test('P01: unknown and known address with a wrong password get the same bytes', async () => {
    const { user } = await harness.register()
    const known = await login(user.email, 'not the password')
    const unknown = await login('nobody-at-all@example.org', 'not the password')
    expectProblem(known, 401, 'INVALID_CREDENTIALS')
    expect(known.text).toBe(unknown.text)
    expect(known.body as { error: string }).toMatchObject({ error: 'Invalid email or password' })
    const shape = (headers: object) => Object.keys(headers).sort()
    expect(shape(known.headers)).toEqual(shape(unknown.headers))
  })

  test('A19: a deactivated user hears so only with the right password', async () => {
    const { user } = await harness.register()
    await harness.owner`update users set active = false where id = ${user.id}`
    expectProblem(await login(user.email, 'not the password'), 401, 'INVALID_CREDENTIALS')
    expectProblem(await login(user.email, PASSWORD), 403, 'ACCOUNT_DEACTIVATED')
  })

  test('A06: the same password typed in another Unicode form signs in', async () => {
    const { user } = await harness.register({ password: 'café ﬁnal école' })
    expect((await login(user.email, 'cafe\u0301 final e\u0301cole')).status).toBe(200)
    expect((await login(user.email, 'cafe final ecole')).status).toBe(401)
  })

  test.each([
    ['no body', undefined],
    ['no password', { email: 'a@example.org' }],
    ['A09: a password that is an array', { email: 'a@example.org', password: ['x'] }],
    ['A09: a password that is an object', { email: 'a@example.org', password: { length: 12 } }],
    ['A09: a password that is a number', { email: 'a@example.org', password: 12345678 }],
    ['A09: a password that is true', { email: 'a@example.org', password: true }],
    ['A09: a password that is null', { email: 'a@example.org', password: null }],
    ['an address that is true', { email: true, password: 'x' }],
    ['A08: a password of 257 characters', { email: 'a@example.org', password: 'x'.repeat(257) }],
    ['a NUL in the address', { email: 'a\0@example.org', password: 'xxxxxxxx' }],
    ['an address beyond ASCII', { email: 'vİctim@example.org', password: 'xxxxxxxx' }],
  ])('%s is 400', async (_what, body) => {
    expectProblem(await harness.call('POST', '/auth/login', { body, ip: randomAddress() }), 400, 'INVALID_INPUT')
  })

  test('A01: an account has five free failures, then waits; another account is not held up', async () => {
    const [victim, other] = [(await harness.register()).user, (await harness.register()).user]
    const statuses: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) statuses.push((await login(victim.email, 'wrong password')).status)
    expect(statuses.slice(0, 6)).toEqual([401, 401, 401, 401, 401, 401])
    expect(statuses.slice(6)).toEqual([429, 429])
    const blocked = await login(victim.email, PASSWORD)
    expectProblem(blocked, 429, 'TOO_MANY_REQUESTS')
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect((await login(other.email, PASSWORD)).status).toBe(200)
    await harness.owner`update auth_throttle set blocked_until = now() - interval '1 second'`
    expect((await login(victim.email, PASSWORD)).status).toBe(200)
    expect((await login(victim.email, 'wrong password')).status).toBe(401)
  })

  test('waits double from one second and stop at sixty', async () => {
    const { email } = (await harness.register()).user
    const waits: number[] = []
    for (let failure = 1; failure <= 14; failure++) {
      expect((await login(email, 'wrong password')).status).toBe(401)
      if (failure > 5) waits.push(Number((await login(email, PASSWORD)).headers['retry-after']))
      await harness.owner`update auth_throttle set blocked_until = '-infinity' where scope = 'account'`
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  test('A03: a network has a hundred failures, whatever the accounts', async () => {
    const ip = randomAddress()
    await harness.owner`
      insert into auth_throttle (scope, key, failures, window_ends_at) values ('network', ${ip}, 99, now() + interval '10 minutes')
    `
    expect((await login('one@example.org', 'wrong password', ip)).status).toBe(401)
    const blocked = await login('two@example.org', 'wrong password', ip)
    expectProblem(blocked, 429, 'TOO_MANY_REQUESTS')
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(500)
    expect((await login('two@example.org', 'wrong password')).status).toBe(401)
  })

  test('parallel guesses cannot outrun the count', async () => {
    const { email } = (await harness.register()).user
    const answers = await Promise.all(Array.from({ length: 30 }, () => login(email, 'wrong password')))
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(6)
  })

  test('a success gives back its own try and no other’s: a guesser gains nothing by it', async () => {
    const { email } = (await harness.register()).user
    const free = () => harness.owner`update auth_throttle set blocked_until = '-infinity' where scope = 'account'`
    for (let failure = 0; failure < 6; failure++) await login(email, 'wrong password')
    await free()
    expect((await login(email, PASSWORD)).status).toBe(200)
    expect((await login(email, 'wrong password')).status).toBe(401)
    expectProblem(await login(email, 'wrong password'), 429, 'TOO_MANY_REQUESTS')
  })

  test('what breaks off for a reason of ours is no failure', async () => {
    const { email } = (await harness.register()).user
    const ip = randomAddress()
    const flood = Array.from({ length: 90 }, (_, n) => login(`flood-${n}@example.org`, 'wrong password'))
    const busy: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) busy.push((await login(email, PASSWORD, ip)).status)
    await Promise.all(flood)
    expect(busy.filter((status) => status !== 200 && status !== 503)).toEqual([])
    const counts = await harness.owner`select scope, failures from auth_throttle where key = ${ip}`
    expect(counts).toEqual([{ scope: 'network', failures: 0 }])
    expect((await login(email, PASSWORD, ip)).status).toBe(200)
  })

  test('D04: hashing has a queue with an end, beyond which the answer is 503', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => login(`stranger-${n}@example.org`, 'wrong password')))
    const statuses = new Set(answers.map((answer) => answer.status))
    expect(statuses).toEqual(new Set([401, 503]))
    const refused = answers.find((answer) => answer.status === 503)
    expect(refused?.headers['retry-after']).toBe('1')
  })
})

describe('POST /auth/refresh', () => {
  test('S03: 20 parallel calls with one token leave one session and nobody logged out', async () => {
    const { refresh_token, user } = await harness.register()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
    const bodies = answers.map((answer) => answer.body as SessionAnswer)
    expect(new Set(bodies.map((body) => body.refresh_token)).size).toBe(1)
    expect(bodies[0]?.user).toEqual(user)
    for (const { token } of bodies) expect((await me(token)).status).toBe(200)
    const [count] = await harness.owner`select count(*)::int as n from sessions where user_id = ${user.id} and revoked_at is null`
    expect(count?.n).toBe(1)
  })

  test('using the new access token from outside starts the last 30 seconds of the old refresh token', async () => {
    const { refresh_token } = await harness.register()
    const next = (await refresh(refresh_token)).body as SessionAnswer
    await me(next.token)
    await ageSessions(harness.owner, 60)
    // The call above came from our own rendering: it does not count, so the answer can still be had again.
    expect((await refresh(refresh_token)).status).toBe(200)
    await me(next.token, { 'x-from-outside': '1' })
    await ageSessions(harness.owner, 31)
    expectProblem(await refresh(refresh_token), 401, 'INVALID_REFRESH_TOKEN')
    // S01: that replay revoked the family, and with it the access token.
    expectProblem(await refresh(next.refresh_token), 401, 'INVALID_REFRESH_TOKEN')
    expectProblem(await me(next.token), 401, 'UNAUTHENTICATED')
  })

  test.each([
    ['no token', {}],
    ['null', { refresh_token: null }],
    ['a number', { refresh_token: 1 }],
    ['no body', undefined],
  ])('%s is 400', async (_what, body) => {
    expectProblem(await harness.call('POST', '/auth/refresh', { body }), 400, 'INVALID_INPUT')
  })

  test('unknown, malformed and foreign tokens are 401 in one shape', async () => {
    const { token } = await harness.register()
    for (const wrong of ['', 'x', 'f'.repeat(64), token]) {
      const answer = await refresh(wrong)
      expectProblem(answer, 401, 'INVALID_REFRESH_TOKEN')
      expect(answer.body as { error: string }).toMatchObject({ error: 'Invalid or expired refresh token' })
    }
  })
})

describe('POST /auth/revoke', () => {
  test('S09: any token of the family ends the session: refresh and access tokens are dead at once', async () => {
    const { token, refresh_token } = await harness.register()
    const next = (await refresh(refresh_token)).body as SessionAnswer
    const answer = await harness.call('POST', '/auth/revoke', { body: { refresh_token } })
    expect([answer.status, Object.keys(answer.body as object)]).toEqual([200, ['message']])
    for (const access of [token, next.token]) expectProblem(await me(access), 401, 'UNAUTHENTICATED')
    for (const old of [refresh_token, next.refresh_token]) expectProblem(await refresh(old), 401, 'INVALID_REFRESH_TOKEN')
  })

  test('an unknown, malformed or already dead token is 404', async () => {
    const { refresh_token } = await harness.register()
    await harness.call('POST', '/auth/revoke', { body: { refresh_token } })
    for (const wrong of [refresh_token, 'f'.repeat(64), 'x']) {
      const answer = await harness.call('POST', '/auth/revoke', { body: { refresh_token: wrong } })
      expectProblem(answer, 404, 'TOKEN_NOT_FOUND')
      expect(answer.body as { error: string }).toMatchObject({ error: 'Token not found' })
    }
    expectProblem(await harness.call('POST', '/auth/revoke', { body: {} }), 400, 'INVALID_INPUT')
  })
})

describe('POST /auth/revoke-all', () => {
  test('S10: ends every session of the user and of nobody else, and says how many', async () => {
    const { token, user } = await harness.register()
    const second = (await login(user.email, PASSWORD)).body as SessionAnswer
    const stranger = await harness.register()
    const answer = await harness.call('POST', '/auth/revoke-all', { token })
    expect(answer.body).toEqual({ message: 'Revoked 2 tokens' })
    expectProblem(await me(token), 401, 'UNAUTHENTICATED')
    expectProblem(await me(second.token), 401, 'UNAUTHENTICATED')
    expectProblem(await refresh(second.refresh_token), 401, 'INVALID_REFRESH_TOKEN')
    expect((await me(stranger.token)).status).toBe(200)
  })

  test('an instance that starts afterwards refuses the dead tokens too', async () => {
    const { token } = await harness.register()
    await harness.call('POST', '/auth/revoke-all', { token })
    const { app, parts } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    const ask = async () =>
      (await app.inject({ url: '/backend/auth/me', headers: { authorization: `Bearer ${token}` } })).statusCode
    // Negative control: without what it loads at the start, the signature alone would let it in.
    expect(await ask()).toBe(200)
    parts.revoked.add(...(await listRevokedSessions(harness.sql, 1800)))
    expect(await ask()).toBe(401)
    await app.close()
  })
})

describe('GET /auth/me', () => {
  test('is the user, and private', async () => {
    const { token, user } = await harness.register({ display_name: '  Grace Hopper ' })
    const answer = await me(token)
    expect(answer.body).toEqual(user)
    expect(Object.keys(answer.body as User).sort()).toEqual(['created_at', 'display_name', 'email', 'id', 'roles', 'slug'])
    expect(user).toMatchObject({ display_name: 'Grace Hopper', slug: 'grace-hopper', roles: ['user'] })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('a deactivated user is not signed in', async () => {
    const { token, user } = await harness.register()
    await harness.owner`update users set active = false where id = ${user.id}`
    expectProblem(await me(token), 401, 'UNAUTHENTICATED')
  })
})

test('S20, S22: no token, password or address is in a log line or a session row', async () => {
  const email = 'private-address@example.org'
  const { token, refresh_token } = await harness.register({ email })
  await refresh(refresh_token)
  await login(email, 'a wrong password')
  const rows =
    JSON.stringify(
      await harness.owner`select s.*, encode(current_hash, 'hex') as hex, encode(current_hash, 'escape') as raw, encode(family_hash, 'hex') as family from sessions s`,
    ) + JSON.stringify(await harness.owner`select * from auth_throttle`)
  for (const secret of [token, refresh_token, PASSWORD, 'a wrong password', email]) {
    expect(harness.logs.join('')).not.toContain(secret)
    expect(rows).not.toContain(secret)
  }
  expect(harness.logs.join('')).toContain('/backend/auth/refresh')
})
