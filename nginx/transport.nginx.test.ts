import type { ServerResponse } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectProblem } from './testing/expectations.ts'
import { startNginx, type TestNginx } from './testing/start-nginx.ts'

let nginx: TestNginx
beforeAll(async () => {
  nginx = await startNginx({ limits: false })
})
afterAll(() => nginx.stop())
beforeEach(() => {
  for (const upstream of [nginx.api, nginx.pages]) {
    upstream.seen.length = 0
    upstream.answer = (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":true}')
  }
})

describe('H08: plain http', () => {
  it('sends people on to https, with the port', async () => {
    const answer = await nginx.get('/ken/incident-timer?a=b', { plain: true, headers: { Host: `localhost:${nginx.httpPort}` } })
    expect([answer.status, answer.headers.location]).toEqual([301, `https://localhost:${nginx.httpsPort}/ken/incident-timer?a=b`])
  })

  it.each(['/backend/auth/login', '/backend', '/api/auth/login', '/%62ackend/auth/login', '//backend/x'])(
    'refuses %s',
    async (path) => {
      const answer = await nginx.get(path, { plain: true, method: 'POST', headers: { Authorization: 'Bearer token' } })
      expectProblem(answer, 'FORBIDDEN')
      expect(answer.headers).not.toHaveProperty('strict-transport-security')
      expect(nginx.api.seen).toEqual([])
    },
  )

  it('treats http on the https port alike', async () => {
    const ask = (path: string): Promise<string> =>
      new Promise((resolve) => {
        let heard = ''
        const socket = connectTcp(nginx.httpsPort, '127.0.0.1', () =>
          socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
        )
        socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
        socket.on('close', () => resolve(heard))
      })
    expect(await ask('/ken')).toMatch(new RegExp(`^HTTP/1.1 301 [^]*Location: https://localhost:${nginx.httpsPort}/ken\r\n`))
    expect(await ask('/backend/health')).toMatch(/^HTTP\/1.1 403 [^]*"code":"FORBIDDEN"/)
  })
})

describe('H06, H07: TLS', () => {
  const handshake = (options: object): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connectTls(
        { port: nginx.httpsPort, host: '127.0.0.1', rejectUnauthorized: false, servername: 'localhost', ...options },
        () => resolve(socket),
      )
      socket.on('error', reject)
    })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s, and HTTP/2', async (version) => {
    const socket = await handshake({ minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] })
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, 'h2'])
    expect(socket.getCipher().name).toMatch(/GCM|CHACHA20/)
    socket.destroy()
  })

  it.each(['TLSv1', 'TLSv1.1'] as const)('refuses %s', async (version) => {
    await expect(handshake({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow()
  })

  it('refuses suites without forward secrecy or AEAD', async () => {
    for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256']) {
      await expect(handshake({ maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow()
    }
  })

  it('hands out no session ticket', async () => {
    const socket = await handshake({ maxVersion: 'TLSv1.2' })
    expect(socket.getTLSTicket()).toBeUndefined()
    socket.destroy()
  })

  it('has a certificate for the host of the site and for this machine', async () => {
    const socket = await handshake({})
    expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
    socket.destroy()
  })

  it('sees the host of an HTTP/2 request', async () => {
    const session = connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/backend/health' })
    await new Promise((resolve) => stream.on('response', resolve))
    expect(nginx.api.seen[0]?.headers.host).toBe(`localhost:${nginx.httpsPort}`)
    session.destroy()
  })
})

describe('compression', () => {
  it('gives gzip to whoever takes it, and brotli where nginx has it', async () => {
    const plain = await nginx.get('/_nuxt/entry.abc123.js')
    const gzip = await nginx.getBytes('/_nuxt/entry.abc123.js', { 'Accept-Encoding': 'gzip' })
    expect(gunzipSync(gzip.bytes).toString()).toBe(plain.body)
    const brotli = await nginx.getBytes('/_nuxt/entry.abc123.js', { 'Accept-Encoding': 'br, gzip' })
    expect(brotli.encoding).toBe(nginx.hasBrotli ? 'br' : 'gzip')
    if (nginx.hasBrotli) expect(brotliDecompressSync(brotli.bytes).toString()).toBe(plain.body)
    expect(plain.headers.vary).toBe('Accept-Encoding')
  })

  it('leaves answers with tokens alone', async () => {
    const answer = (_: unknown, response: ServerResponse): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify('t'.repeat(4_000)))
    nginx.api.answer = answer
    nginx.pages.answer = answer
    for (const path of ['/backend/auth/login', '/api/auth/jwt']) {
      expect((await nginx.getBytes(path, { 'Accept-Encoding': 'br, gzip' })).encoding).toBeUndefined()
    }
    expect((await nginx.getBytes('/backend/timers', { 'Accept-Encoding': 'gzip' })).encoding).toBe('gzip')
  })
})

describe('an event stream', () => {
  it('is passed on at once', async () => {
    nginx.api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': hello\n\n')
      setTimeout(() => response.end('data: late\n\n'), 1_500)
    }
    const began = Date.now()
    const session = connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/backend/shared/ken/incident-timer/events' })
    const first = await new Promise<string>((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())))
    expect(first).toBe(': hello\n\n')
    expect(Date.now() - began).toBeLessThan(1_000)
    session.destroy()
  })
})

describe('the development server', () => {
  it('is asked for its assets, and has its WebSocket', async () => {
    const developing = await startNginx({ limits: false, dev: true })
    try {
      developing.pages.server.on('upgrade', (_, socket) =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      )
      expect((await developing.get('/_nuxt/@id//virtual:nuxt')).status).toBe(200)
      expect(developing.pages.seen.map(({ url }) => url)).toEqual(['/_nuxt/@id//virtual:nuxt'])
      const heard = await new Promise<string>((resolve) => {
        let words = ''
        const socket = connectTls({ port: developing.httpsPort, host: '127.0.0.1', rejectUnauthorized: false }, () =>
          socket.write('GET /_nuxt/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
        )
        socket.on('data', (chunk: Buffer) => (words += chunk.toString())).on('close', () => resolve(words))
      })
      expect(heard).toMatch(/^HTTP\/1\.1 101 /)
    } finally {
      await developing.stop()
    }
  })
})
