import { describe, expect, it, vi } from 'vitest'
import type { ApiAnswer } from './api-client.ts'
import { createBridgeSession, type SessionParts } from './bridge-session.ts'
import { ApiAway } from './problems.ts'
import type { SessionTokens } from './session-seal.ts'

const NOW = 1_800_000_000_000
const jwt = (name: string, secondsLeft: number) =>
  `${name}.${Buffer.from(JSON.stringify({ exp: NOW / 1000 + secondsLeft })).toString('base64url')}.x`
const old: SessionTokens = { token: jwt('old', 600), refresh_token: 'old' }
const ending: SessionTokens = { token: jwt('ending', 59), refresh_token: 'old' }
const over: SessionTokens = { token: jwt('over', -1), refresh_token: 'old' }
const fresh: SessionTokens = { token: jwt('fresh', 900), refresh_token: 'fresh' }
const answer = (status: number): ApiAnswer => ({ status, contentType: 'application/json', headers: {}, text: '{}' })

function setUp(cookie: SessionTokens | 'forged' | undefined, parts: Partial<SessionParts> = {}) {
  const calls = {
    ask: vi.fn<SessionParts['ask']>(async () => answer(200)),
    refresh: vi.fn<SessionParts['refresh']>(async () => fresh),
    write: vi.fn<SessionParts['write']>(async () => undefined),
    clear: vi.fn<SessionParts['clear']>(),
    unseal: vi.fn<SessionParts['unseal']>(async () => (cookie === 'forged' ? null : (cookie ?? null))),
  }
  const session = createBridgeSession({
    cookie: cookie && 'sealed',
    caller: { address: '192.0.2.1', userAgent: undefined, requestId: undefined },
    now: () => NOW,
    ...calls,
    ...parts,
  })
  return { session, ...calls }
}

describe('a request without a session cookie', () => {
  it('asks nobody and sets no cookie', async () => {
    const { session, ask, refresh, write, clear } = setUp(undefined)
    expect(await session.askAsOwner('/backend/auth/me')).toBeNull()
    expect(await session.renew()).toBeNull()
    expect(await session.peek()).toBeNull()
    for (const call of [ask, refresh, write, clear]) expect(call).not.toHaveBeenCalled()
  })
})

describe('a forged or void cookie', () => {
  it('is taken away, and the API is not asked', async () => {
    const { session, ask, refresh, clear } = setUp('forged')
    expect(await session.askAsOwner('/backend/auth/me')).toBeNull()
    expect(clear).toHaveBeenCalledTimes(1)
    expect(ask).not.toHaveBeenCalled()
    expect(refresh).not.toHaveBeenCalled()
  })
})

describe('askAsOwner', () => {
  it('uses a token that is good for a while, and leaves the cookie alone', async () => {
    const { session, ask, refresh, write, clear } = setUp(old)
    const asked = await session.askAsOwner('/backend/auth/me')
    expect(asked?.tokens).toEqual(old)
    expect(ask.mock.calls[0]?.[0]).toMatchObject({ path: '/backend/auth/me', token: old.token })
    for (const call of [refresh, write, clear]) expect(call).not.toHaveBeenCalled()
  })

  it('exchanges a token that ends within a minute before it is used, and replaces the session', async () => {
    const { session, ask, write } = setUp(ending)
    const asked = await session.askAsOwner('/backend/auth/me')
    expect(asked?.tokens).toEqual(fresh)
    expect(ask.mock.calls.map(([request]) => request.token)).toEqual([fresh.token])
    expect(write.mock.calls).toEqual([[fresh]])
  })

  it('exchanges once after a refusal, then asks again', async () => {
    const ask = vi.fn<SessionParts['ask']>(async ({ token }) => answer(token === old.token ? 401 : 200))
    const { session, write, clear } = setUp(old, { ask })
    expect((await session.askAsOwner('/backend/auth/me'))?.answer.status).toBe(200)
    expect(write.mock.calls).toEqual([[fresh]])
    expect(clear).not.toHaveBeenCalled()
  })

  it('ends the session when the API refuses the exchange', async () => {
    const { session, clear, write } = setUp(old, { ask: async () => answer(401), refresh: async () => null })
    expect(await session.askAsOwner('/backend/auth/me')).toBeNull()
    expect(clear).toHaveBeenCalled()
    expect(write).not.toHaveBeenCalled()
    expect(await session.peek()).toBeNull()
  })

  it('ends the session when even the new token is refused', async () => {
    const { session, clear, refresh } = setUp(old, { ask: async () => answer(401) })
    expect(await session.askAsOwner('/backend/auth/me')).toBeNull()
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(clear).toHaveBeenCalled()
  })

  it.each([429, 500, 502, 503])('keeps the session when the API answers %i', async (status) => {
    const { session, clear } = setUp(old, { ask: async () => answer(status) })
    expect((await session.askAsOwner('/backend/auth/me'))?.answer.status).toBe(status)
    expect(clear).not.toHaveBeenCalled()
  })

  it('keeps the session when the API is away', async () => {
    const away = async () => Promise.reject(new ApiAway())
    const { session, clear } = setUp(old, { ask: away })
    await expect(session.askAsOwner('/backend/auth/me')).rejects.toBeInstanceOf(ApiAway)
    const second = setUp(over, { refresh: away })
    await expect(second.session.askAsOwner('/backend/auth/me')).rejects.toBeInstanceOf(ApiAway)
    expect(clear).not.toHaveBeenCalled()
    expect(second.clear).not.toHaveBeenCalled()
  })

  it('goes on with what is left of a token while the exchange cannot be made', async () => {
    const { session, clear } = setUp(ending, { refresh: async () => Promise.reject(new ApiAway()) })
    expect((await session.askAsOwner('/backend/auth/me'))?.tokens).toEqual(ending)
    expect(clear).not.toHaveBeenCalled()
  })

  it('makes one exchange and one cookie for all the parts of a page', async () => {
    const ask = vi.fn<SessionParts['ask']>(async ({ token }) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
      return answer(token === old.token ? 401 : 200)
    })
    const { session, refresh, write, unseal } = setUp(old, { ask })
    const all = await Promise.all(['/a', '/b', '/c', '/d'].map((path) => session.askAsOwner(path)))
    expect(all.map((asked) => asked?.answer.status)).toEqual([200, 200, 200, 200])
    expect(unseal).toHaveBeenCalledTimes(1)
    expect(write).toHaveBeenCalledTimes(1)
    // Parts that learn of it in the same moment may ask side by side: the process makes one exchange of them.
    expect(new Set(refresh.mock.calls.map(([token]) => token))).toEqual(new Set(['old']))
  })
})

describe('renew', () => {
  it('exchanges the tokens and replaces the session', async () => {
    const { session, write } = setUp(old)
    expect(await session.renew()).toEqual(fresh)
    expect(write.mock.calls).toEqual([[fresh]])
  })

  it('ends a session that the API does not know any more', async () => {
    const { session, clear } = setUp(old, { refresh: async () => null })
    expect(await session.renew()).toBeNull()
    expect(clear).toHaveBeenCalledTimes(1)
  })
})
