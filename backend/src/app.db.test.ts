import { connect, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { RESERVED_SLUGS } from './features/accounts/reserved-slugs.ts'
import { buildTestApp, expectProblem, testConfig, useHarness, type CallResult } from './testing/harness.ts'

const harness = useHarness()

interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, { security?: unknown[]; responses: Record<string, unknown> }>>
}

async function openApi(): Promise<OpenApi> {
  return (await harness.call('GET', '/openapi.json')).body
}

function expectStandardHeaders({ headers }: Pick<CallResult, 'headers'>): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'x-request-id': expect.stringMatching(/^[\w-]{8,64}$/) as string,
  })
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  expect(headers).not.toHaveProperty('x-powered-by')
  expect(headers).not.toHaveProperty('server')
  expect(headers).not.toHaveProperty('set-cookie')
}

describe('every answer', () => {
  test('carries the standard headers, also a refusal', async () => {
    for (const path of ['/health', '/auth/me', '/nothing-here', '/incident-timers/1', '/openapi.json', '/docs', '/auth/login']) {
      expectStandardHeaders(await harness.call('GET', path))
    }
    expectStandardHeaders(
      await harness.call('POST', '/auth/login', { body: '{', headers: { 'content-type': 'application/json' } }),
    )
  })

  test('keeps the request id that nginx gave, and no other text', async () => {
    const given = (await harness.call('GET', '/health', { headers: { 'x-request-id': 'a0b1c2d3e4f5' } })).headers['x-request-id']
    expect(given).toBe('a0b1c2d3e4f5')
    for (const bad of ['x', 'a b c d e f g h', 'x'.repeat(65), 'a\tb-12345678']) {
      expect((await harness.call('GET', '/health', { headers: { 'x-request-id': bad } })).headers['x-request-id']).toMatch(
        /^[0-9a-f]{32}$/,
      )
    }
  })
})

describe('paths and methods', () => {
  test('an unknown path is 404, whatever the method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expectProblem(await harness.call(method, '/nothing-here'), 404, 'NOT_FOUND')
    }
  })

  test('405 with Allow on every known path, before any body is looked at', async () => {
    const { paths } = await openApi()
    expect(Object.keys(paths).length).toBeGreaterThan(10)
    for (const [path, methods] of Object.entries(paths)) {
      const url = path.replace('/backend', '').replaceAll(/\{\w+\}/g, '0198a9a0-0000-7000-8000-000000000000')
      const known = Object.keys(methods).map((method) => method.toUpperCase())
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((method) => !known.includes(method))) {
        const answer = await harness.call(
          method,
          url,
          method === 'GET' ? {} : { body: '{', headers: { 'content-type': 'application/json' } },
        )
        expectProblem(answer, 405, 'METHOD_NOT_ALLOWED')
        for (const allowed of known) expect(answer.headers.allow).toContain(allowed)
      }
    }
  })

  test('Z07: another spelling of a path is another path', async () => {
    const { token } = await harness.register()
    for (const path of ['/incident-timers/', '//incident-timers', '/Incident-Timers', '/incident-timers;x=1']) {
      expect((await harness.call('GET', path, { token })).status, path).toBe(404)
    }
    const overridden = await harness.call('GET', '/incident-timers', { headers: { 'x-http-method-override': 'POST' } })
    expectProblem(overridden, 401, 'UNAUTHENTICATED')
  })

  test('a path that cannot be decoded is 400', async () => {
    expectProblem(await harness.call('GET', '/%zz/incident-timer'), 400, 'MALFORMED_REQUEST')
  })

  test('HEAD answers like GET, without the body', async () => {
    const answer = await harness.call('HEAD', '/health')
    expect([answer.status, answer.text]).toEqual([200, ''])
  })

  test('every first segment of a route is reserved, so that no user’s address can hide it', async () => {
    const segments = Object.keys((await openApi()).paths).map((path) => path.split('/')[2] ?? '')
    for (const segment of segments.filter((segment) => !segment.startsWith('{')))
      expect(RESERVED_SLUGS.has(segment), segment).toBe(true)
  })
})

describe('answers against their schemas', () => {
  test('an answer with a key that the schema lacks, or without one it has, fails in tests', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    const { z } = await import('zod')
    const schema = { response: { 200: z.object({ known: z.string(), maybe: z.string().nullable() }) } }
    app.get('/good', { schema }, () => ({ known: 'x', maybe: null }))
    app.get('/more', { schema }, () => ({ known: 'x', maybe: null, secret: 'y' }))
    app.get('/less', { schema }, () => ({ known: 'x' }) as never)
    const status = async (url: string) => (await app.inject({ url })).statusCode
    expect([await status('/good'), await status('/more'), await status('/less')]).toEqual([200, 500, 500])
    await app.close()
  })

  test('outside tests, what the schema does not name does not go out', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, { checkAnswers: false })
    const { z } = await import('zod')
    app.get('/more', { schema: { response: { 200: z.object({ known: z.string() }) } } }, () => ({ known: 'x', secret: 'y' }))
    expect((await app.inject({ url: '/more' })).payload).toBe('{"known":"x"}')
    await app.close()
  })
})

describe('failures', () => {
  test('what nobody expected is 500 without a word about why', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    app.get('/boom', () => {
      throw new Error('select secret from /etc/passwd')
    })
    app.get('/sql', () => harness.sql`select * from no_such_table`)
    for (const url of ['/boom', '/sql']) {
      const answer = await app.inject({ url })
      expect(answer.statusCode).toBe(500)
      expect(answer.json()).toMatchObject({ code: 'INTERNAL', detail: 'Something went wrong on our side' })
      expect(answer.payload).not.toMatch(/secret|passwd|no_such_table|\.ts/)
    }
    await app.close()
  })

  test('beyond its bound of requests at once the API answers 503 and health still answers', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, { maxInFlight: 2 })
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    app.get('/held', async () => {
      await held
      return 'done'
    })
    const first = [app.inject({ url: '/held' }), app.inject({ url: '/held' })]
    await new Promise((resolve) => setTimeout(resolve, 50))
    const refused = await app.inject({ url: '/held' })
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1'])
    expect((await app.inject({ url: '/backend/health' })).statusCode).toBe(200)
    release()
    expect((await Promise.all(first)).map((answer) => answer.statusCode)).toEqual([200, 200])
    expect((await app.inject({ url: '/held' })).statusCode).toBe(200)
    await app.close()
  })

  test('the count of requests under way survives clients that go away', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, { maxInFlight: 2 })
    app.get(
      '/slow',
      () =>
        new Promise((resolve) =>
          setTimeout(() => {
            resolve('done')
          }, 100),
        ),
    )
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    for (let n = 0; n < 6; n++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
      await new Promise((resolve) => setTimeout(resolve, 30))
      socket.destroy()
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    expect((await app.inject({ url: '/slow' })).statusCode).toBe(200)
    await app.close()
  })
})

describe('stopping', () => {
  test('what is under way finishes, and the answer reaches the client', async () => {
    const { app, parts } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    app.get('/slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { done: true }
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const answer = fetch(`http://127.0.0.1:${port}/slow`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    parts.state.draining = true
    const closed = app.close()
    expect(await (await answer).json()).toEqual({ done: true })
    await closed
    await expect(fetch(`http://127.0.0.1:${port}/slow`)).rejects.toThrow()
  })
})

describe('X-Forwarded-For', () => {
  async function seenAddress(remoteAddress: string, forwarded: string): Promise<string> {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    app.get('/ip', (request) => ({ ip: request.ip }))
    const answer = await app.inject({ url: '/ip', remoteAddress, headers: { 'x-forwarded-for': forwarded } })
    await app.close()
    return answer.json<{ ip: string }>().ip
  }

  test('is believed from a trusted proxy only', async () => {
    expect(await seenAddress('127.0.0.1', '203.0.113.7')).toBe('203.0.113.7')
    expect(await seenAddress('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9')
    expect(await seenAddress('127.0.0.1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7')
  })
})
