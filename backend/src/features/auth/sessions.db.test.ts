import type { Session } from '@kennwilliamson/contracts/accounts'
import type { SessionAnswer, User } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { ageSessions, expectProblem, PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

async function signIn({ email }: User, from: { ip?: string; userAgent?: string } = {}): Promise<SessionAnswer> {
  const { ip = randomAddress(), userAgent } = from
  const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
  const answer = await harness.call('POST', '/auth/login', { body: { email, password: PASSWORD }, ip, headers })
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

async function list(token: string): Promise<Session[]> {
  const answer = await harness.call('GET', '/auth/sessions', { token })
  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-store')
  return (answer.body as { sessions: Session[] }).sessions
}

const me = async (token: string) => (await harness.call('GET', '/auth/me', { token })).status
const idOf = (token: string) => (JSON.parse(atob(token.split('.')[1] ?? '')) as { sid: string }).sid

/** What the audit log says of an account, oldest first. */
async function events({ id }: User): Promise<string[]> {
  const rows = await harness.owner`
    select action, actor_id = subject_id as by_oneself, target_id from audit_events where subject_id = ${id} order by created_at
  `
  for (const { by_oneself } of rows) expect(by_oneself).toBe(true)
  return rows.map(({ action }) => action as string)
}

describe('GET /auth/sessions', () => {
  test('lists one’s living sessions, the one that asks first, then the last used', async () => {
    const first = await harness.register()
    const phone = await signIn(first.user, { ip: '10.20.30.40', userAgent: `Phone/1 ${'x'.repeat(300)}` })
    const revoked = await signIn(first.user)
    const expired = await signIn(first.user)
    const stranger = await harness.register()
    await harness.call('POST', '/auth/revoke', { body: { refresh_token: revoked.refresh_token } })
    await harness.owner`update sessions set expires_at = now() where id = ${idOf(expired.token)}`

    const sessions = await list(first.token)
    expect(sessions.map(({ id, current }) => [id, current])).toEqual([
      [idOf(first.token), true],
      [idOf(phone.token), false],
    ])
    expect(sessions[1]).toMatchObject({ ip: '10.20.30.40', user_agent: `Phone/1 ${'x'.repeat(248)}` })
    expect((await list(phone.token)).map(({ id }) => id)).toEqual([idOf(phone.token), idOf(first.token)])
    expect(await list(stranger.token)).toHaveLength(1)
    // No secret of a session is shown.
    expect(Object.keys(sessions[0] ?? {}).sort()).toEqual(['created_at', 'current', 'id', 'ip', 'last_used_at', 'user_agent'])
  })

  test('the last use is that of the first call from outside, or of a refresh', async () => {
    const watching = await harness.register()
    const [used, refreshed, idle] = [await signIn(watching.user), await signIn(watching.user), await signIn(watching.user)]
    await ageSessions(harness.owner, 3600)
    const order = async () => (await list(watching.token)).slice(1).map(({ id }) => id)
    const before = (await list(watching.token)).find(({ id }) => id === idOf(used.token))?.last_used_at ?? ''
    await harness.call('POST', '/auth/refresh', { body: { refresh_token: refreshed.refresh_token } })
    await harness.call('GET', '/auth/me', { token: used.token, headers: { 'x-from-outside': '1' } })
    expect(await order()).toEqual([idOf(used.token), idOf(refreshed.token), idOf(idle.token)])
    const after = (await list(watching.token)).find(({ id }) => id === idOf(used.token))?.last_used_at ?? ''
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThan(3_590_000)
  })

  test('S11: signing in gives a session of its own each time; what was there before is not taken over', async () => {
    const first = await harness.register()
    const second = await signIn(first.user)
    expect(idOf(second.token)).not.toBe(idOf(first.token))
    expect(second.refresh_token.slice(0, 32)).not.toBe(first.refresh_token.slice(0, 32))
    // Nothing that a client brings along names the session it gets.
    const headers = { authorization: `Bearer ${first.token}`, cookie: `sid=${idOf(first.token)}` }
    const body = { email: first.user.email, password: PASSWORD, refresh_token: first.refresh_token, sid: idOf(first.token) }
    const third: SessionAnswer = (await harness.call('POST', '/auth/login', { body, headers, ip: randomAddress() })).body
    expect([idOf(first.token), idOf(second.token)]).not.toContain(idOf(third.token))
  })
})

describe('DELETE /auth/sessions/{id}', () => {
  const signOut = (token: string, id: string) => harness.call('DELETE', `/auth/sessions/${id}`, { token })

  test('S10: signs out that session at once, refresh and access tokens, and no other', async () => {
    const first = await harness.register()
    const [gone, kept] = [await signIn(first.user), await signIn(first.user)]
    const answer = await signOut(first.token, idOf(gone.token))
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect([await me(gone.token), await me(kept.token), await me(first.token)]).toEqual([401, 200, 200])
    const refresh = await harness.call('POST', '/auth/refresh', { body: { refresh_token: gone.refresh_token } })
    expectProblem(refresh, 401, 'INVALID_REFRESH_TOKEN')
    expect(await list(first.token)).toHaveLength(2)
    expect(await events(first.user)).toEqual(['registered', 'signed_in', 'signed_in', 'session_signed_out'])
  })

  test('may be the one that asks', async () => {
    const { token } = await harness.register()
    expect((await signOut(token, idOf(token))).status).toBe(204)
    expect(await me(token)).toBe(401)
  })

  test('404 alike for another’s, an unknown, a dead and a malformed one; another’s lives on', async () => {
    const [first, stranger] = [await harness.register(), await harness.register()]
    const dead = await signIn(first.user)
    await signOut(first.token, idOf(dead.token))
    const ids = [
      idOf(stranger.token),
      '01900000-0000-7000-8000-000000000000',
      idOf(dead.token),
      'x',
      idOf(first.token).toUpperCase(),
    ]
    const bodies = new Set<string>()
    for (const id of ids) {
      const answer = await signOut(first.token, id)
      expectProblem(answer, 404, 'SESSION_NOT_FOUND')
      bodies.add(answer.text)
    }
    expect(bodies.size).toBe(1)
    expect(await me(stranger.token)).toBe(200)
    expect(await events(stranger.user)).toEqual(['registered'])
  })
})

describe('POST /auth/revoke-others', () => {
  test('S10: signs out every other session and says how many', async () => {
    const first = await harness.register()
    const others = [await signIn(first.user), await signIn(first.user)]
    const stranger = await harness.register()
    const revoke = () => harness.call('POST', '/auth/revoke-others', { token: first.token })
    const answer = await revoke()
    expect([answer.status, answer.body]).toEqual([200, { message: 'Revoked 2 tokens' }])
    for (const { token } of others) expect(await me(token)).toBe(401)
    expect([await me(first.token), await me(stranger.token)]).toEqual([200, 200])
    expect((await revoke()).body).toEqual({ message: 'Revoked 0 tokens' })
    expect(await events(first.user)).toEqual(['registered', 'signed_in', 'signed_in', 'signed_out_elsewhere'])
  })
})

test('registration, each sign-in and each sign-out are in the audit log, with the session as their target', async () => {
  const first = await harness.register()
  const second = await signIn(first.user)
  await harness.call('POST', '/auth/revoke', { body: { refresh_token: second.refresh_token } })
  await harness.call('POST', '/auth/revoke-all', { token: first.token })
  const rows =
    await harness.owner`select action, target_id from audit_events where subject_id = ${first.user.id} order by created_at`
  expect(rows.map(({ action, target_id }) => [action, target_id])).toEqual([
    ['registered', idOf(first.token)],
    ['signed_in', idOf(second.token)],
    ['signed_out', idOf(second.token)],
    ['signed_out_everywhere', null],
  ])
})

test('S08: seven days without use end a session, and its last access token does not outlive it', async () => {
  const session = await harness.register()
  await ageSessions(harness.owner, 7 * 86_400 - 600)
  const answer = await harness.call('POST', '/auth/refresh', { body: { refresh_token: session.refresh_token } })
  expect(answer.status).toBe(200)
  const next: SessionAnswer = answer.body
  await harness.owner`update sessions set expires_at = now() + interval '60 seconds' where id = ${idOf(session.token)}`
  const again = await harness.call('POST', '/auth/refresh', { body: { refresh_token: session.refresh_token } })
  const { exp } = JSON.parse(atob((again.body as SessionAnswer).token.split('.')[1] ?? '')) as { exp: number }
  expect(exp - Date.now() / 1000).toBeLessThanOrEqual(60)
  await ageSessions(harness.owner, 60)
  const late = await harness.call('POST', '/auth/refresh', { body: { refresh_token: next.refresh_token } })
  expectProblem(late, 401, 'INVALID_REFRESH_TOKEN')
})
