import { describe, expect, it, vi } from 'vitest'
import type { Addresses } from './api-addresses.ts'
import { createApiClient } from './api-client.ts'
import { NoAnswer, type Send } from './api-connection.ts'
import { ApiAway } from './problems.ts'

const caller = { address: '192.0.2.7', userAgent: 'Test/1', requestId: 'request-0001' }
const lost = (how: { sent: boolean; late: boolean }) => () => Promise.reject(new NoAnswer(how))
const refused = lost({ sent: false, late: false })
const reset = lost({ sent: true, late: false })
const late = lost({ sent: true, late: true })
const headers = { 'content-type': 'application/json', 'retry-after': '3', server: 'x' }
const ok = () => Promise.resolve({ status: 200, headers, text: '{"a":1}' })

function clientOf(known: string[], ...outcomes: Send[]) {
  const send = vi.fn<Send>()
  for (const outcome of outcomes) send.mockImplementationOnce(outcome)
  const addresses: Addresses = { inTurn: () => Promise.resolve(known), failed: vi.fn() }
  const ask = createApiClient('http://api:8080', { addresses, send })
  const asked = () => send.mock.calls.map(([, { address, fresh }]) => `${address}${fresh ? ' fresh' : ''}`)
  return { ask, send, asked, addresses }
}

describe('createApiClient', () => {
  it('hands on whom it asks for, and never claims to come from outside', async () => {
    const { ask, send } = clientOf(['a'], ok)
    await ask({ path: '/backend/auth/me?x=1', token: 't', caller })
    expect(send.mock.calls[0]?.[0]).toEqual({
      method: 'GET',
      path: '/backend/auth/me?x=1',
      body: undefined,
      headers: {
        accept: 'application/json',
        authorization: 'Bearer t',
        'user-agent': 'Test/1',
        'x-forwarded-for': '192.0.2.7',
        'x-request-id': 'request-0001',
      },
    })
  })

  it('hands on what it was told of the browser, and gives what it is told to this server alone', async () => {
    const device = `1.${'a'.repeat(22)}.${'b'.repeat(43)}`
    const { ask, send } = clientOf(['a', 'b', 'c'], () =>
      Promise.resolve({ status: 200, headers: { 'x-device-token': device }, text: '{}' }),
    )
    const answer = await ask({ method: 'POST', path: '/backend/auth/login', body: '{}', device, caller })
    expect(send.mock.calls[0]?.[0].headers['x-device-token']).toBe(device)
    expect([answer.device, answer.headers]).toEqual([device, {}])
  })

  it('gives status, text and the headers that a browser should see', async () => {
    const answer = await clientOf(['a'], ok).ask({ path: '/backend/x', caller })
    expect(answer).toEqual({ status: 200, contentType: 'application/json', headers: { 'retry-after': '3' }, text: '{"a":1}' })
  })

  it('hands on where the same is to be had now, and no way that leads out of the API', async () => {
    const answering = (status: number, location: string) => () => Promise.resolve({ status, headers: { location }, text: '' })
    const locationOf = async (...given: Parameters<typeof answering>) =>
      (await clientOf(['a'], answering(...given)).ask({ path: '/backend/shared/old/timer', caller })).location
    expect(await locationOf(307, '/backend/shared/new/timer')).toBe('/backend/shared/new/timer')
    expect(await locationOf(307, 'https://elsewhere.example/backend/x')).toBeUndefined()
    expect(await locationOf(307, '//elsewhere.example/backend/x')).toBeUndefined()
    expect(await locationOf(200, '/backend/shared/new/timer')).toBeUndefined()
  })

  it('asks the next instance, on a new connection, when one is lost or says nothing', async () => {
    for (const outcome of [refused, reset, late]) {
      const { ask, asked, addresses } = clientOf(['a', 'b', 'c'], outcome, ok)
      expect((await ask({ path: '/backend/x', caller, repeatable: true })).status).toBe(200)
      expect(asked()).toEqual(['a', 'b fresh'])
      expect(addresses.failed).toHaveBeenCalledExactlyOnceWith('a')
    }
  })

  it('waits two seconds for one of several, and longer only for the last or a lone one', async () => {
    const { ask, send } = clientOf(['a', 'b'], late, ok)
    await ask({ path: '/backend/x', caller, repeatable: true })
    const [first, second] = send.mock.calls.map(([, { patience }]) => patience)
    expect(first).toBe(2_000)
    expect(second).toBeGreaterThan(4_000)
    const alone = clientOf(['a'], late)
    await expect(alone.ask({ path: '/backend/x', caller, repeatable: true })).rejects.toBeInstanceOf(ApiAway)
    expect(alone.send.mock.calls[0]?.[1].patience).toBeGreaterThan(4_000)
    expect(alone.send).toHaveBeenCalledTimes(1)
  })

  it('asks a lone instance once more after a lost connection', async () => {
    const { ask, asked } = clientOf(['a'], reset, ok)
    await ask({ path: '/backend/x', caller, repeatable: true })
    expect(asked()).toEqual(['a', 'a fresh'])
  })

  it('never sends twice what may have been done, and never on a kept connection', async () => {
    const login = { method: 'POST', path: '/backend/auth/login', body: '{}', caller } as const
    for (const outcome of [reset, late]) {
      const { ask, asked } = clientOf(['a', 'b'], outcome, ok)
      await expect(ask(login)).rejects.toBeInstanceOf(ApiAway)
      expect(asked()).toEqual(['a fresh'])
    }
    const { ask, asked } = clientOf(['a', 'b'], refused, ok)
    expect((await ask(login)).status).toBe(200)
    expect(asked()).toEqual(['a fresh', 'b fresh'])
  })

  it('ends when the one who waits for the page gives up', async () => {
    const { ask, send } = clientOf(['a', 'b', 'c'], refused, ok)
    await expect(
      ask({ path: '/backend/x', caller: { ...caller, until: Date.now() - 1 }, repeatable: true }),
    ).rejects.toBeInstanceOf(ApiAway)
    expect(send).not.toHaveBeenCalled()
  })

  it('is away when its name cannot be found', async () => {
    const addresses: Addresses = { inTurn: () => Promise.reject(new Error('ENOTFOUND')), failed: vi.fn() }
    await expect(createApiClient('http://api', { addresses })({ path: '/backend/x', caller })).rejects.toBeInstanceOf(ApiAway)
  })
})
