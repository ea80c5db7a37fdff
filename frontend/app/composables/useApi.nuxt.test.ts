import { describe, expect, it, vi } from 'vitest'
import { ApiError, Moved } from '../utils/api-error'
import { createAccessToken, createBrowserApi, type AccessToken } from './useApi'

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  () =>
    Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status, headers }))
const lost = () => Promise.reject(new TypeError('network'))
const problem = {
  type: 'x',
  title: 'x',
  status: 400,
  detail: 'No',
  code: 'INVALID_INPUT',
  error: 'No',
  errors: [{ path: 'notes', message: 'too long' }],
}
const sent = (fetcher: ReturnType<typeof vi.fn<typeof fetch>>, call: number) => {
  const [url, init] = fetcher.mock.calls[call] ?? []
  return { url, method: init?.method, headers: Object.fromEntries(new Headers(init?.headers)), body: init?.body }
}

describe('createBrowserApi', () => {
  const token = vi.fn<AccessToken>(async (refused) => (refused ? 'second' : 'first'))

  it('sends the token and JSON straight to the API', async () => {
    const fetcher = vi.fn<typeof fetch>(json(201, { id: 'a' }))
    const answer = await createBrowserApi(fetcher, token).post('/incident-timers', { notes: 'x' }, { idempotencyKey: 'k' })
    expect(answer).toEqual({ id: 'a' })
    expect(sent(fetcher, 0)).toEqual({
      url: '/backend/incident-timers',
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: 'Bearer first',
        'content-type': 'application/json',
        'idempotency-key': 'k',
      },
      body: '{"notes":"x"}',
    })
  })

  it('sends no token where anybody may ask', async () => {
    const fetcher = vi.fn<typeof fetch>(json(200, {}))
    await createBrowserApi(fetcher, token).get('/shared/a/b', { anonymous: true })
    expect(sent(fetcher, 0).headers).not.toHaveProperty('authorization')
  })

  it('asks once more with a new token after a refusal, and not again', async () => {
    const fetcher = vi.fn<typeof fetch>(json(401, { ...problem, status: 401, code: 'UNAUTHENTICATED' }))
    await expect(createBrowserApi(fetcher, token).get('/timers')).rejects.toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(fetcher).toHaveBeenCalledTimes(2)
    expect(sent(fetcher, 1).headers.authorization).toBe('Bearer second')
  })

  it('sends a creation again with the same key when the connection was lost', async () => {
    const fetcher = vi.fn<typeof fetch>().mockImplementationOnce(lost).mockImplementationOnce(json(201, {}))
    await createBrowserApi(fetcher, token).post('/incident-timers', {}, { idempotencyKey: 'same' })
    expect([0, 1].map((call) => sent(fetcher, call).headers['idempotency-key'])).toEqual(['same', 'same'])
  })

  it('does not send a creation without a key again', async () => {
    const fetcher = vi.fn<typeof fetch>(lost)
    await expect(createBrowserApi(fetcher, token).post('/x', {})).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(fetcher).toHaveBeenCalledTimes(1)
  })

  it('asks once where a second answer would be another', async () => {
    const fetcher = vi.fn<typeof fetch>(lost)
    const api = createBrowserApi(fetcher, token)
    await expect(api.put('/account/password', {}, { once: true })).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await expect(api.delete('/account', { body: {}, once: true })).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('sends what a deletion has to say', async () => {
    const fetcher = vi.fn<typeof fetch>(json(204, null))
    await createBrowserApi(fetcher, token).delete('/account', { body: { password: 'x' } })
    expect(sent(fetcher, 0)).toMatchObject({ method: 'DELETE', body: '{"password":"x"}' })
  })

  it('gives a file with the name that the API gave it, and refusals as for everything else', async () => {
    const headers = { 'content-disposition': 'attachment; filename="export-2026-07-05.json"' }
    const { file, name } = await createBrowserApi(json(200, { a: 1 }, headers), token).download('/account/export')
    expect([name, await file.text()]).toEqual(['export-2026-07-05.json', '{"a":1}'])
    await expect(createBrowserApi(json(400, problem), token).download('/account/export')).rejects.toMatchObject({ status: 400 })
  })

  it('says where the answer came from, when that is not where it was asked', async () => {
    const elsewhere = async () => {
      const response = new Response('{}')
      return Object.defineProperties(response, {
        redirected: { value: true },
        url: { value: 'https://site.example/backend/shared/new/incident-timer' },
      })
    }
    const error: unknown = await createBrowserApi(elsewhere, token)
      .get('/shared/old/incident-timer', { anonymous: true })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Moved)
    expect(error).toMatchObject({ path: '/shared/new/incident-timer' })
  })

  it('makes a typed error of a problem document', async () => {
    const api = createBrowserApi(json(400, problem), token)
    const error: unknown = await api.put('/incident-timers/a', {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 400, code: 'INVALID_INPUT', message: 'No', fields: { notes: 'too long' } })
  })

  it('lets a change arrive although the page is left at once', async () => {
    const fetcher = vi.fn<typeof fetch>(json(200, {}))
    const api = createBrowserApi(fetcher, token)
    await api.get('/timers')
    await api.put('/incident-timers/a', {})
    expect(fetcher.mock.calls.map(([, init]) => init?.keepalive)).toEqual([false, true])
  })

  it('prepares without ever failing', async () => {
    const away = vi.fn<AccessToken>(() => Promise.reject(new Error('away')))
    await expect(createBrowserApi(vi.fn<typeof fetch>(), away).prepare()).resolves.toBeUndefined()
    expect(away).toHaveBeenCalledTimes(1)
  })

  describe('on the page of one person', () => {
    const jwtOf = (sub: string, more = '') =>
      `header.${btoa(JSON.stringify({ sub, more })).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.signature`
    const wrong = { status: 401, code: 'SOMEBODY_ELSE', message: 'Somebody else is signed in here now: reload the page' }
    const refuseFirst = () =>
      vi
        .fn<typeof fetch>()
        .mockImplementationOnce(json(401, { ...problem, status: 401, code: 'UNAUTHENTICATED' }))
        .mockImplementation(json(201, { id: 'a' }))

    it("never repeats a request with another person's token", async () => {
      for (const owner of ['sam', null]) {
        const fetcher = refuseFirst()
        const api = createBrowserApi(fetcher, async (refused) => jwtOf(refused ? 'tom' : 'sam'))
        api.actAs(owner)
        await expect(api.post('/incident-timers', { notes: 'private' }, { idempotencyKey: 'k' })).rejects.toMatchObject(wrong)
        expect(fetcher).toHaveBeenCalledTimes(1)
      }
    })

    it("repeats it with a newer token of the same person's", async () => {
      const fetcher = refuseFirst()
      const api = createBrowserApi(fetcher, async (refused) => jwtOf('sam', refused ? '\u00ff\u00fe?>' : ''))
      api.actAs('sam')
      await expect(api.post('/incident-timers', {}, { idempotencyKey: 'k' })).resolves.toEqual({ id: 'a' })
      expect(fetcher).toHaveBeenCalledTimes(2)
    })

    it("asks nothing at all while the only token is another person's, or cannot be read", async () => {
      for (const held of [jwtOf('tom'), 'unreadable', 'a.%.c']) {
        const fetcher = vi.fn<typeof fetch>(json(200, {}))
        const api = createBrowserApi(fetcher, async () => held)
        api.actAs('sam')
        await expect(api.get('/timers')).rejects.toMatchObject(wrong)
        await expect(api.delete('/incident-timers/a')).rejects.toMatchObject(wrong)
        expect(fetcher).not.toHaveBeenCalled()
        api.actAs(null)
        await expect(api.get('/timers')).resolves.toEqual({})
      }
    })
  })

  it('takes an empty answer for a success', async () => {
    await expect(createBrowserApi(json(204, null), token).delete('/incident-timers/a')).resolves.toBeNull()
  })
})

describe('createAccessToken', () => {
  const now = Date.parse('2026-07-05T12:00:00Z')
  /** A server whose clock is hours off the device's: only the difference of its own two times counts. */
  const bridge = (seconds: number, token = 't') =>
    json(200, { token, expiresAt: now + seconds * 1000 }, { date: new Date(now).toUTCString() })

  it('asks once for many, and keeps the token while it lasts', async () => {
    const fetcher = vi.fn<typeof fetch>(bridge(900))
    const accessToken = createAccessToken(fetcher)
    expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual(['t', 't', 't'])
    expect(await accessToken()).toBe('t')
    expect(fetcher).toHaveBeenCalledTimes(1)
  })

  it('asks again before the token ends', async () => {
    const fetcher = vi.fn<typeof fetch>(bridge(19))
    const accessToken = createAccessToken(fetcher)
    await accessToken()
    await accessToken()
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('asks again for a token that was refused, and after forgetting', async () => {
    const fetcher = vi.fn<typeof fetch>(bridge(900))
    const accessToken = createAccessToken(fetcher)
    await accessToken()
    await accessToken('t')
    accessToken.forget()
    await accessToken()
    expect(fetcher).toHaveBeenCalledTimes(3)
  })

  it('tells who is signed out from who cannot be reached', async () => {
    expect(await createAccessToken(json(401, null))()).toBeNull()
    await expect(createAccessToken(json(503, null, { 'retry-after': '5' }))()).rejects.toMatchObject({
      status: 503,
      retryAfter: 5,
    })
    await expect(createAccessToken(lost)()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})
