import { describe, expect, it, vi } from 'vitest'
import { createApiClient } from './api-client.ts'
import { ApiAway } from './problems.ts'

const caller = { address: '192.0.2.7', userAgent: 'Test/1', requestId: 'request-0001' }
const lost = () => Promise.reject(new TypeError('fetch failed'))
const ok = () =>
  Promise.resolve(new Response('{"a":1}', { headers: { 'content-type': 'application/json', 'retry-after': '3', server: 'x' } }))

describe('createApiClient', () => {
  it('hands on whom it asks for, and never claims to come from outside', async () => {
    const fetcher = vi.fn<typeof fetch>(ok)
    await createApiClient('http://api', fetcher)({ path: '/backend/auth/me', token: 't', caller })
    const [url, init] = fetcher.mock.calls[0] ?? []
    expect(url).toBe('http://api/backend/auth/me')
    expect(Object.fromEntries(new Headers(init?.headers))).toEqual({
      accept: 'application/json',
      authorization: 'Bearer t',
      'user-agent': 'Test/1',
      'x-forwarded-for': '192.0.2.7',
      'x-request-id': 'request-0001',
    })
  })

  it('gives status, text and the headers that a browser should see', async () => {
    const answer = await createApiClient('http://api', ok)({ path: '/backend/x', caller })
    expect(answer).toEqual({ status: 200, contentType: 'application/json', headers: { 'retry-after': '3' }, text: '{"a":1}' })
  })

  it('asks again after a lost connection when the request may be repeated', async () => {
    const fetcher = vi.fn<typeof fetch>().mockImplementationOnce(lost).mockImplementationOnce(ok)
    await createApiClient('http://api', fetcher)({ path: '/backend/x', caller, repeatable: true })
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('does not repeat what may have been done', async () => {
    const fetcher = vi.fn<typeof fetch>(lost)
    const ask = createApiClient('http://api', fetcher)
    await expect(ask({ method: 'POST', path: '/backend/auth/login', body: '{}', caller })).rejects.toBeInstanceOf(ApiAway)
    expect(fetcher).toHaveBeenCalledTimes(1)
  })

  it('does not wait a second time after a timeout', async () => {
    const fetcher = vi.fn<typeof fetch>(() => Promise.reject(new DOMException('late', 'TimeoutError')))
    await expect(createApiClient('http://api', fetcher)({ path: '/backend/x', caller, repeatable: true })).rejects.toBeInstanceOf(
      ApiAway,
    )
    expect(fetcher).toHaveBeenCalledTimes(1)
  })
})
