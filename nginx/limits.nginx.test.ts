import type { ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { Problem } from '@kennwilliamson/contracts/errors'
import { startNginx, type Answer, type TestNginx } from './testing/start-nginx.ts'

// A client's address as the test says it: only for these tests does nginx believe it.
const BELIEVE = 'set_real_ip_from 127.0.0.1; real_ip_header X-Test-Client;'

const running: TestNginx[] = []
async function start(limits = true): Promise<TestNginx> {
  const nginx = await startNginx({ limits, extra: BELIEVE })
  running.push(nginx)
  return nginx
}
afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop()
})

async function burst(nginx: TestNginx, path: string, count: number, client = '192.0.2.1'): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, () => nginx.get(path, { headers: { 'X-Test-Client': client } })))
}
const refused = (answers: Answer[]): Answer[] => answers.filter(({ status }) => status === 429)

describe('D02: the limits of the wire contract', () => {
  it.each(['/backend/auth/login', '/api/auth/login', '/backend/auth', '/api/auth'])(
    'lets a burst of 40 through on %s, and refuses beyond',
    async (path) => {
      const nginx = await start()
      const answers = await burst(nginx, path, 80)
      // 41 at once, and 10 a second while the burst is under way.
      expect(refused(answers).length).toBeGreaterThanOrEqual(20)
      expect(refused(answers).length).toBeLessThanOrEqual(39)
      const [answer] = refused(answers)
      expect(answer?.headers).toMatchObject({
        'retry-after': '1',
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
      })
      expect(Problem.parse(JSON.parse(answer?.body ?? '')).code).toBe('TOO_MANY_REQUESTS')
    },
  )

  it('has one budget for both ways to sign in', async () => {
    const nginx = await start()
    await burst(nginx, '/backend/auth/login', 60)
    expect(refused(await burst(nginx, '/api/auth/login', 20)).length).toBeGreaterThanOrEqual(10)
  })

  it.each(['/backend/timers', '/ken/incident-timer', '/api/health', '/backend/shared/a/b/events'])(
    'lets a burst of 200 through on %s, and refuses beyond, also for pages as a problem document',
    async (path) => {
      const nginx = await start()
      const answers = await burst(nginx, path, 400)
      expect(answers.length - refused(answers).length).toBeGreaterThanOrEqual(201)
      expect(refused(answers).length).toBeGreaterThanOrEqual(50)
      expect(refused(answers)[0]?.headers['content-type']).toContain('problem+json')
    },
  )

  it('lets a whole office look: 200 streams from one address, and pages beside them', async () => {
    const nginx = await start()
    const open = new Set<ServerResponse>()
    nginx.api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: snapshot\ndata: {}\n\n')
      open.add(response)
    }
    const sessions = [
      connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false }),
      connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false }),
    ]
    const firsts = sessions.flatMap((session) =>
      Array.from({ length: 100 }, async () => {
        const stream = session
          .request({ ':path': '/backend/shared/a/b/events', 'x-test-client': '192.0.2.1' })
          .setEncoding('utf8')
        return await new Promise<string>((resolve) => stream.once('data', resolve))
      }),
    )
    expect(new Set(await Promise.all(firsts))).toEqual(new Set(['event: snapshot\ndata: {}\n\n']))
    expect(open.size).toBe(200)
    await delay(1_000)
    expect(refused(await burst(nginx, '/ken/incident-timer', 20))).toEqual([])
    for (const session of sessions) session.destroy()
    for (const response of open) response.destroy()
  })

  it('does not count files from disk', async () => {
    const nginx = await start()
    expect(refused(await burst(nginx, '/_nuxt/entry.abc123.js', 400))).toEqual([])
    expect(refused(await burst(nginx, '/robots.txt', 300))).toEqual([])
    expect(refused(await burst(nginx, '/backend/timers', 150))).toEqual([])
  })

  it('counts each IPv4 address for itself, and an IPv6 /64 as one', async () => {
    const nginx = await start()
    await burst(nginx, '/backend/auth/login', 60, '192.0.2.1')
    expect(refused(await burst(nginx, '/backend/auth/login', 30, '192.0.2.2'))).toEqual([])
    await burst(nginx, '/backend/auth/login', 60, '2001:db8:1:2::1')
    expect(refused(await burst(nginx, '/backend/auth/login', 20, '2001:db8:1:2:ffff::9')).length).toBeGreaterThanOrEqual(10)
    expect(refused(await burst(nginx, '/backend/auth/login', 30, '2001:db8:1:3::1'))).toEqual([])
  })

  it('negative control: without the limits nothing is refused', async () => {
    const nginx = await start(false)
    expect(refused(await burst(nginx, '/backend/auth/login', 80))).toEqual([])
  })
})

describe('D01: slow clients', () => {
  it('are cut within 10 s, in the header, in the body and before the handshake, while others are served', async () => {
    const nginx = await start()
    const began = Date.now()
    const secure = (words: string): Promise<number> =>
      new Promise((resolve) => {
        const socket = connectTls({ port: nginx.httpsPort, host: '127.0.0.1', rejectUnauthorized: false }, () =>
          socket.write(words),
        )
        socket.on('error', () => undefined).on('data', () => undefined)
        socket.on('close', () => resolve(Date.now() - began))
      })
    const silent = new Promise<number>((resolve) => {
      const socket = connectTcp(nginx.httpsPort, '127.0.0.1').on('error', () => undefined)
      socket.on('close', () => resolve(Date.now() - began))
    })
    const header = 'Host: localhost\r\nContent-Length: 100\r\n'
    const slow = [
      silent,
      ...Array.from({ length: 50 }, () => secure(`GET / HTTP/1.1\r\nHost: local`)),
      secure(`POST /api/auth/login HTTP/1.1\r\n${header}\r\n{`),
      secure(`POST /backend/auth/login HTTP/1.1\r\n${header}\r\n{`),
    ]
    expect((await nginx.get('/backend/health')).status).toBe(200)
    expect(Math.max(...(await Promise.all(slow)))).toBeLessThan(10_000)
  })

  it.each(['/backend/auth/login', '/api/auth/login', '/ken/incident-timer'])(
    'that drip a body to %s leave its end to the upstream, and are cut soon after the answer',
    async (path) => {
      const nginx = await start()
      const upstream = path.startsWith('/backend') ? nginx.api : nginx.pages
      // Like the upstreams' own deadlines, only sooner: answered while the body still comes.
      upstream.server.removeAllListeners('request').on('request', (_, response) => {
        setTimeout(() => response.writeHead(408).end('too slow'), 1_000)
      })
      let heard = ''
      const began = Date.now()
      const times = await new Promise<{ answered: number; closed: number }>((resolve) => {
        let answered = Infinity
        const socket = connectTls({ port: nginx.httpsPort, host: '127.0.0.1', rejectUnauthorized: false }, () =>
          socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{`),
        )
        const drip = setInterval(() => socket.write(' '), 200)
        socket.on('error', () => undefined)
        socket.on('data', (chunk: Buffer) => {
          heard += chunk.toString()
          answered = Math.min(answered, Date.now() - began)
        })
        socket.on('close', () => {
          clearInterval(drip)
          resolve({ answered, closed: Date.now() - began })
        })
      })
      expect(heard).toMatch(/^HTTP\/1\.1 408 /)
      expect(times.answered).toBeLessThan(3_000)
      expect(times.closed).toBeLessThan(9_000)
    },
  )
})
