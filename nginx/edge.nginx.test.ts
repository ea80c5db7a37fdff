import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { expectProblem, expectStandardHeaders } from './testing/expectations.ts'
import { readAccessLog, startNginx, type TestNginx } from './testing/start-nginx.ts'

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

const OWN_POLICY = "default-src 'none'; frame-ancestors 'none'"

describe('routing', () => {
  it.each([
    ['/backend/health', 'api'],
    ['/backend', 'api'],
    ['/backend/auth', 'api'],
    ['/backend/auth/login', 'api'],
    ['/backend/shared/ken/incident-timer/events', 'api'],
    ['/backendish', 'pages'],
    ['/', 'pages'],
    ['/api', 'pages'],
    ['/api/auth', 'pages'],
    ['/api/auth/login', 'pages'],
    ['/api/_auth/session', 'pages'],
    ['/ken/incident-timer', 'pages'],
    ['/s/some-secret', 'pages'],
    ['/.well-known/security.txt', 'pages'],
  ] as const)('sends %s to the %s', async (path, to) => {
    expect((await nginx.get(path)).status).toBe(200)
    expect((await nginx.get(path, { method: 'POST' })).status).toBe(200)
    expect(nginx[to].seen.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${path}`, `POST ${path}`])
    expect(nginx[to === 'api' ? 'pages' : 'api'].seen).toEqual([])
  })

  it.each([
    ['/ken/incident-timer/badge.svg', '/backend/shared/ken/incident-timer/badge.svg'],
    ['/ken/incident-timer/badge.svg?label=a%26b&color=red', '/backend/shared/ken/incident-timer/badge.svg?label=a%26b&color=red'],
    [
      '/%E6%9D%8E-%E5%B0%8F%E9%BE%8D/incident-timer/card.png',
      '/backend/shared/%E6%9D%8E-%E5%B0%8F%E9%BE%8D/incident-timer/card.png',
    ],
    ['/s/link-secret/badge.svg', '/backend/s/link-secret/badge.svg'],
    ['/s/link-secret/card.png?x=1', '/backend/s/link-secret/card.png?x=1'],
  ])('has the API draw %s', async (path, asked) => {
    expect((await nginx.get(path)).status).toBe(200)
    expect(nginx.api.seen.map(({ url }) => url)).toEqual([asked])
    expect(nginx.api.seen[0]?.headers['x-from-outside']).toBe('1')
    expect(nginx.pages.seen).toEqual([])
  })

  it.each(['/badge.svg', '/ken/badge.svg', '/api/ken/badge.svg', '/ken/incident-timer/other.svg', '/s/badge.svg'])(
    'has it draw nothing else: %s',
    async (path) => {
      await nginx.get(path)
      expect(nginx.api.seen).toEqual([])
    },
  )

  it('lets a picture be shown on other sites where the application says so, with our policy', async () => {
    nginx.api.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'image/svg+xml', 'cross-origin-resource-policy': 'cross-origin' })
      response.end('<svg xmlns="http://www.w3.org/2000/svg"/>')
    }
    const { headers } = await nginx.get('/ken/incident-timer/badge.svg')
    expect(headers).toMatchObject({ 'cross-origin-resource-policy': 'cross-origin', 'content-security-policy': OWN_POLICY })
    expect(headers['content-type']).toBe('image/svg+xml; charset=utf-8')
  })

  it.each([
    '/backend/%C3%A9l%C3%A9onore/incident-timer?a=%2F&b=//&c=..',
    '/backend/a%20b/%3f',
    '/%E6%97%A5%E6%9C%AC/incident-timer?x=%25',
  ])('passes %s on byte for byte', async (path) => {
    await nginx.get(path)
    expect([...nginx.api.seen, ...nginx.pages.seen].map(({ url }) => url)).toEqual([path])
  })

  it.each([
    '//backend/auth/login',
    '/a/../backend/auth/login',
    '/backend/./health',
    '/backend/auth%2flogin',
    '/backend/100%',
    '/%62ackend//x',
    '/api//auth/login',
    '/api/%E0%A4%A/x',
  ])('Z07, I14: refuses %s before anyone could read it differently', async (path) => {
    expectProblem(await nginx.get(path), 'MALFORMED_REQUEST')
    expect([...nginx.api.seen, ...nginx.pages.seen]).toEqual([])
  })

  it.each([
    '/x%2e%2e/y',
    '/a%5cb',
    '/_nuxt/..%2f..%2fetc/passwd',
    '/100%',
    '/%E0%A4%A/x',
    '/ada//incident-timer',
    '/backendish//x',
  ])('Z07: refuses %s alike, with a page for whoever asks for one', async (path) => {
    const answer = await nginx.get(path)
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      400,
      'text/html; charset=utf-8',
      'no-store',
    ])
    expect(answer.body).toContain('<title>Bad address</title>')
    expectStandardHeaders(answer)
    expectProblem(await nginx.get(path, { method: 'POST' }), 'MALFORMED_REQUEST')
    expect([...nginx.api.seen, ...nginx.pages.seen]).toEqual([])
  })

  it.each(['/100%', '/ada//incident-timer'])('does so over HTTP/2 for %s', async (path) => {
    const session = connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false })
    const stream = session.request({ ':path': path })
    const headers = await new Promise<IncomingHttpHeaders>((resolve) => stream.on('response', resolve))
    expect([headers[':status'], headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
    session.destroy()
  })

  it.each([
    '/.git/config',
    '/.env',
    '/backend/.git',
    '/ken/.hidden',
    '/metrics',
    '/metrics/x',
    '/_nuxt/builds/latest.json',
    '/_nuxt/entry.abc123.js.map',
  ])('H10: has nothing at %s', async (path) => {
    expectProblem(await nginx.get(path), 'NOT_FOUND')
    expect([...nginx.api.seen, ...nginx.pages.seen]).toEqual([])
  })
})

describe('what an upstream is told', () => {
  const forged = {
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Proto': 'http',
    'X-From-Outside': '0',
    'X-Real-IP': '203.0.113.9',
    'X-User-Id': '1',
    'X-HTTP-Method-Override': 'DELETE',
    'X-Original-URL': '/backend/admin/users',
    'X-Request-Id': 'forged',
    Forwarded: 'for=203.0.113.9',
    X_From_Outside: '0',
  }

  it('is the client as nginx saw it, whatever the client says', async () => {
    await nginx.get('/backend/health', { headers: { ...forged, Host: 'kenn.example:8443' } })
    expect(nginx.api.seen[0]?.headers).toEqual({
      host: 'kenn.example:8443',
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'kenn.example:8443',
      'x-from-outside': '1',
    })
  })

  it('is marked as from outside for the API only', async () => {
    await nginx.get('/api/auth/jwt', { headers: forged })
    expect(nginx.pages.seen[0]?.headers).not.toHaveProperty('x-from-outside')
    expect(nginx.pages.seen[0]?.headers['x-forwarded-for']).toBe('127.0.0.1')
  })

  it('keeps what belongs to the request: method, body, authorization, cookies of 4 KB', async () => {
    const cookie = `__Host-session=${'x'.repeat(4_000)}`
    await nginx.get('/backend/auth/refresh', {
      method: 'POST',
      body: '{"a":1}',
      headers: { Authorization: 'Bearer t', Cookie: cookie, 'Content-Type': 'application/json' },
    })
    expect(nginx.api.seen[0]).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { authorization: 'Bearer t', cookie } })
  })

  it('passes a session cookie of 4 KB back', async () => {
    nginx.pages.answer = (_, response) =>
      response.setHeader('set-cookie', `__Host-session=${'y'.repeat(4_050)}; Path=/; Secure`).end('{}')
    expect((await nginx.get('/api/auth/login', { method: 'POST' })).headers['set-cookie']?.[0]).toHaveLength(4_081)
  })
})

describe('the headers of an answer', () => {
  it.each(['/', '/backend/health', '/_nuxt/entry.abc123.js', '/_nuxt/gone.js', '/robots.txt', '/.env', '/a//b'])(
    'are all there on %s',
    async (path) => {
      expectStandardHeaders(await nginx.get(path))
    },
  )

  it('take an upstream at its word where it says more, and are never doubled', async () => {
    nginx.pages.answer = (_, response) => {
      response.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'sha256-abc'")
      response.setHeader('X-Frame-Options', 'SAMEORIGIN')
      response.setHeader('Referrer-Policy', 'no-referrer')
      response.setHeader('X-Powered-By', 'Nuxt')
      response.setHeader('Cache-Control', 'private')
      response.end('<!doctype html>')
    }
    const answer = await nginx.get('/s/secret')
    expectStandardHeaders(answer)
    expect(answer.headers).toMatchObject({
      'content-security-policy': "default-src 'none'; script-src 'sha256-abc'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'private',
    })
    expect(answer.headers).not.toHaveProperty('x-powered-by')
  })

  it('let hashed files be kept for ever, others for an hour, and errors not at all', async () => {
    expect((await nginx.get('/_nuxt/entry.abc123.js')).headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'application/javascript; charset=utf-8',
      'content-security-policy': OWN_POLICY,
    })
    expect((await nginx.get('/robots.txt')).headers['cache-control']).toBe('public, max-age=3600')
    expectProblem(await nginx.get('/_nuxt/gone.js'), 'NOT_FOUND')
    expect(nginx.pages.seen).toEqual([])
  })
})

describe('errors of nginx itself', () => {
  it('are problem documents', async () => {
    expectProblem(await nginx.get('/backend/timers', { method: 'POST', body: 'x'.repeat(65_537) }), 'BODY_TOO_LARGE')
    const trace = await nginx.get('/backend/health', { method: 'TRACE' })
    expectProblem(trace, 'METHOD_NOT_ALLOWED')
    expect(trace.headers.allow).toBe('GET, HEAD')
    expectProblem(await nginx.get('/backend/health', { headers: { 'X-Long': 'x'.repeat(70_000) } }), 'HEADERS_TOO_LARGE')
    expectProblem(await nginx.get(`/backend/${'x'.repeat(20_000)}`), 'HEADERS_TOO_LARGE')
    expect(nginx.api.seen).toEqual([])
  })

  it('leave the body of 64 KiB to the API', async () => {
    expect((await nginx.get('/backend/timers', { method: 'POST', body: 'x'.repeat(65_536) })).status).toBe(200)
    // A file of incidents may have 10 MiB, in that one place.
    const post = (path: string, bytes: number) => nginx.get(path, { method: 'POST', body: 'x'.repeat(bytes) })
    const file = 10 * 1024 * 1024
    expect((await post('/backend/timers/0198a9a0/import?dry_run=true', file)).status).toBe(200)
    expectProblem(await post('/backend/timers/0198a9a0/import', file + 1), 'BODY_TOO_LARGE')
    expectProblem(await post('/backend/timers/0198a9a0/imports', file), 'BODY_TOO_LARGE')
  })

  it('leave an upstream its own errors', async () => {
    nginx.api.answer = (_, response) =>
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '7' }).end('{"status":"unhealthy"}')
    const answer = await nginx.get('/backend/health/db')
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([503, '{"status":"unhealthy"}', '7'])
    expectStandardHeaders(answer)
  })

  it('are 503 with Retry-After when an upstream is down: a document for programs, a page for people', async () => {
    const dead = await findFreePort()
    const alone = await startNginx({ limits: false, apiAddress: `127.0.0.1:${dead}`, pagesAddress: `127.0.0.1:${dead}` })
    try {
      for (const path of ['/backend/health', '/api/auth/jwt']) {
        const answer = await alone.get(path)
        expectProblem(answer, 'OVERLOADED')
        expectStandardHeaders(answer)
        expect(answer.headers['retry-after']).toBe('2')
      }
      const page = await alone.get('/')
      expect([page.status, page.headers['content-type'], page.headers['retry-after']]).toEqual([
        503,
        'text/html; charset=utf-8',
        '2',
      ])
      expect(page.body).toContain('<title>One moment</title>')
      expectStandardHeaders(page)
      expect((await alone.get('/_nuxt/entry.abc123.js')).status).toBe(200)
    } finally {
      await alone.stop()
    }
  })

  it('I18: survive what is no HTTP', async () => {
    const words = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connectTcp(nginx.httpPort, '127.0.0.1', () => socket.write('\u0000\u0001nonsense\r\n\r\n'))
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
      socket.on('close', () => resolve(heard))
    })
    expect(words).toContain('400')
    expect(words).toContain('MALFORMED_REQUEST')
    expect((await nginx.get('/backend/health')).status).toBe(200)
  })
})

describe('the log of requests', () => {
  it('has no query, and of a secret link only the kind', async () => {
    await nginx.get('/ken/incident-timer?token=query-secret')
    await nginx.get('/s/link-secret?x=1')
    await nginx.get('/backend/s/link-secret/events')
    await nginx.get('/%73/link-secret')
    await nginx.get('/s/link-secret/badge.svg')
    await nginx.get('/backend/s/link-secret/card.png')
    const log = await readAccessLog(nginx)
    expect(log).not.toContain('secret')
    expect(log).toContain('"path":"/ken/incident-timer"')
    expect(log).toContain('"path":"/s/…"')
    for (const line of log.trim().split('\n')) expect(() => void JSON.parse(line)).not.toThrow()
  })
})
