import { randomBytes } from 'node:crypto'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { buildTestApp, testConfig, useHarness } from '../testing/harness.ts'

const harness = useHarness()

describe('what is no HTTP', () => {
  test('I18: is answered in the shape of every other error, and the connection ends', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const send = (bytes: string | Buffer) =>
      new Promise<string>((resolve) => {
        let received = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        socket.on('data', (chunk) => (received += chunk.toString()))
        socket.on('error', () => undefined)
        socket.on('close', () => {
          resolve(received)
        })
      })
    const header = 'GET /backend/health HTTP/1.1\r\nhost: x\r\n'
    for (const [bytes, status, code] of [
      ['BLAH garbage\r\n\r\n', 400, 'MALFORMED_REQUEST'],
      [randomBytes(500), 400, 'MALFORMED_REQUEST'],
      [`${header}x: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
      [`${header}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 400, 'MALFORMED_REQUEST'],
    ] as const) {
      const [head = '', body = ''] = (await send(bytes)).split('\r\n\r\n')
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(head).toContain('application/problem+json; charset=utf-8')
      expect(JSON.parse(body)).toMatchObject({ status, code })
    }
    expect((await app.inject({ url: '/backend/health' })).statusCode).toBe(200)
    await app.close()
  })
})

test('D01: a request that drips is cut within ten seconds, and is told why', async () => {
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const head = 'POST /backend/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n'
  const drips = await Promise.all(
    [head, head.slice(0, 40)].map(
      (begin) =>
        new Promise<{ received: string; seconds: number }>((resolve) => {
          const began = performance.now()
          let received = ''
          const socket = connect(port, '127.0.0.1', () => socket.write(begin))
          const drip = setInterval(() => socket.write('x'), 500)
          socket.on('data', (chunk) => (received += chunk.toString()))
          socket.on('error', () => undefined)
          socket.on('close', () => {
            clearInterval(drip)
            resolve({ received, seconds: (performance.now() - began) / 1000 })
          })
        }),
    ),
  )
  for (const { received, seconds } of drips) {
    expect(seconds).toBeLessThan(10)
    expect(received).toContain('408')
    expect(received).toContain('REQUEST_TIMEOUT')
  }
  await app.close()
})
