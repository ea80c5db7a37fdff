import { describe, expect, it, vi } from 'vitest'
import type { ApiAnswer, AskApi } from './api-client.ts'
import { ApiAway } from './problems.ts'
import { createRefresh } from './refresh.ts'

const caller = { address: undefined, userAgent: undefined, requestId: undefined }
const answer = (status: number, body: unknown): ApiAnswer => ({
  status,
  contentType: 'application/json',
  headers: {},
  text: JSON.stringify(body),
})
const successor = { token: 'new.jwt', refresh_token: 'new' }

describe('createRefresh', () => {
  it('makes one exchange for twenty requests with the same token, and gives all of them its result', async () => {
    const ask = vi.fn<AskApi>(() => new Promise((resolve) => setTimeout(() => resolve(answer(200, successor)), 20)))
    const refresh = createRefresh(ask)
    const results = await Promise.all(Array.from({ length: 20 }, () => refresh('old', caller)))
    expect(ask).toHaveBeenCalledTimes(1)
    expect(ask.mock.calls[0]?.[0]).toMatchObject({
      method: 'POST',
      path: '/backend/auth/refresh',
      body: '{"refresh_token":"old"}',
    })
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(new Set([JSON.stringify(successor)]))
  })

  it('keeps sessions apart', async () => {
    const ask = vi.fn<AskApi>(async ({ body }) => answer(200, { token: 't', refresh_token: `after ${body}` }))
    const refresh = createRefresh(ask)
    const [one, two] = await Promise.all([refresh('one', caller), refresh('two', caller)])
    expect(one?.refresh_token).not.toBe(two?.refresh_token)
  })

  it('takes nothing over from the answer but the tokens', async () => {
    const refresh = createRefresh(async () => answer(200, { ...successor, user: { email: 'a@example.org' }, extra: 1 }))
    expect(await refresh('old', caller)).toEqual(successor)
  })

  it('answers a late request from the exchange already made, and forgets it after ten seconds', async () => {
    let time = 0
    const ask = vi.fn<AskApi>(async () => answer(200, successor))
    const refresh = createRefresh(ask, () => time)
    await refresh('old', caller)
    time = 9_999
    await refresh('old', caller)
    expect(ask).toHaveBeenCalledTimes(1)
    time = 10_001
    await refresh('old', caller)
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('answers a late request with the newest tokens, not with those that were replaced meanwhile', async () => {
    const next: Record<string, string> = { first: 'second', second: 'third' }
    const ask = vi.fn<AskApi>(async ({ body }) => {
      const { refresh_token: token } = JSON.parse(body ?? '') as { refresh_token: string }
      return answer(200, { token: `jwt of ${next[token]}`, refresh_token: next[token] })
    })
    const refresh = createRefresh(ask)
    await refresh('first', caller)
    await refresh('second', caller)
    expect(await refresh('first', caller)).toEqual({ token: 'jwt of third', refresh_token: 'third' })
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('does not grow without bound', async () => {
    const ask = vi.fn<AskApi>(async () => answer(200, successor))
    const refresh = createRefresh(ask, () => 0)
    for (let index = 0; index < 1100; index++) await refresh(`token ${index}`, caller)
    await refresh('token 0', caller)
    expect(ask).toHaveBeenCalledTimes(1101)
  })

  it.each([400, 401])('says that the session has ended on %i', async (status) => {
    const refresh = createRefresh(async () => answer(status, {}))
    expect(await refresh('old', caller)).toBeNull()
  })

  it.each([403, 404, 429, 500, 502, 503, 204, 302])('takes %i for an API that is away, not for an end', async (status) => {
    const refresh = createRefresh(async () => answer(status, {}))
    await expect(refresh('old', caller)).rejects.toBeInstanceOf(ApiAway)
  })

  it('takes an answer without tokens for an API that is away', async () => {
    const refresh = createRefresh(async () => answer(200, { token: 'only one' }))
    await expect(refresh('old', caller)).rejects.toBeInstanceOf(ApiAway)
  })

  it('asks again after a failure', async () => {
    const ask = vi.fn<AskApi>().mockRejectedValueOnce(new ApiAway()).mockResolvedValueOnce(answer(200, successor))
    const refresh = createRefresh(ask)
    await expect(refresh('old', caller)).rejects.toBeInstanceOf(ApiAway)
    expect(await refresh('old', caller)).toEqual(successor)
  })
})
