import { readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectStandardHeaders } from './testing/expectations.ts'
import { answerPublicly, nextSecond, visit } from './testing/public-answers.ts'
import { readAccessLog, startNginx, type TestNginx } from './testing/start-nginx.ts'

let nginx: TestNginx
beforeAll(async () => {
  nginx = await startNginx({ limits: false })
})
afterAll(() => nginx.stop())
beforeEach(() => {
  for (const upstream of [nginx.api, nginx.pages]) {
    upstream.seen.length = 0
    upstream.answer = answerPublicly('one')
  }
})
const asked = (): number => nginx.api.seen.length + nginx.pages.seen.length

const PUBLIC = [
  '/ada-lovelace/incident-timer/badge.svg',
  '/backend/shared/ada/incident-timer/incidents',
  '/',
  '/ada-lovelace/incident-timer',
  '/backend/shared/ada-lovelace/incident-timer',
  '/backend/ada/incident-timer',
]

describe('what the application marks', () => {
  it.each([...PUBLIC, '/%E6%9D%8E/incident-timer', '/about', '/api/ada/incident-timer'])(
    'is asked for once a second: %s',
    async (address) => {
      await nextSecond()
      for (let time = 0; time < 5; time++) expect((await visit(nginx, address)).body).toBe('one')
      expect(asked()).toBe(1)
      nginx.api.answer = nginx.pages.answer = answerPublicly('two')
      await nextSecond()
      expect((await visit(nginx, address)).body).toBe('two')
      expect(asked()).toBe(2)
    },
  )

  it.each(PUBLIC)('is asked for by one request at a time, also when there was an answer before: %s', async (address) => {
    const slow: typeof nginx.api.answer = (request, response) =>
      void setTimeout(() => answerPublicly('slow')(request, response), 300)
    nginx.api.answer = nginx.pages.answer = slow
    for (let round = 1; round <= 2; round++) {
      await nextSecond()
      const answers = await Promise.all(Array.from({ length: 20 }, () => visit(nginx, address)))
      expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 slow']))
      expect(asked()).toBe(round)
    }
  })

  it('is as old as the second in which it was asked for, however long the answer took', async () => {
    nginx.pages.answer = (request, response) =>
      void setTimeout(() => answerPublicly('read before the change')(request, response), 1_500)
    await nextSecond()
    const first = visit(nginx, '/ada/slow')
    await nextSecond()
    nginx.pages.answer = answerPublicly('read after it')
    expect((await visit(nginx, '/ada/slow')).body).toBe('read after it')
    expect((await first).body).toBe('read before the change')
  })

  it('is the same for HEAD and GET', async () => {
    await nextSecond()
    const head = await visit(nginx, '/ada/incident-timer', { method: 'HEAD' })
    const get = await visit(nginx, '/ada/incident-timer')
    expect([head.status, head.headers['content-length'], head.body, get.body]).toEqual([200, '3', '', 'one'])
    expect(nginx.pages.seen.map(({ method }) => method)).toEqual(['GET'])
  })

  it('is asked for anew by whoever is signed in: an owner sees at once what they have changed', async () => {
    await nextSecond()
    await visit(nginx, '/ada/incident-timer')
    nginx.pages.answer = answerPublicly('two')
    const headers = { Cookie: 'theme=dark; __Host-session=x' }
    expect((await visit(nginx, '/ada/incident-timer', { headers })).body).toBe('two')
    for (const Cookie of ['theme=dark', 'theme=dark; __Host-kennwilliamson-device=1.x.y'])
      expect((await visit(nginx, '/ada/incident-timer', { headers: { Cookie } })).body).toBe('one')
    const both = { Cookie: '__Host-kennwilliamson=x; __Host-kennwilliamson-device=1.x.y' }
    expect((await visit(nginx, '/ada/incident-timer', { headers: both })).body).toBe('two')
    const turned = { Cookie: '__Host-kennwilliamson-device=1.x.y; __Host-kennwilliamson=x' }
    expect((await visit(nginx, '/ada/incident-timer', { headers: turned })).body).toBe('two')
  })

  it('is kept once for every way to compress it', async () => {
    const words = 'clock '.repeat(1_000)
    nginx.pages.answer = answerPublicly(words)
    await nextSecond()
    const host = { Host: `localhost:${nginx.httpsPort}` }
    const gzip = await nginx.getBytes('/ada/incident-timer', { ...host, 'Accept-Encoding': 'gzip' })
    const brotli = await nginx.getBytes('/ada/incident-timer', { ...host, 'Accept-Encoding': 'br' })
    const plain = await nginx.getBytes('/ada/incident-timer', host)
    expect(gunzipSync(gzip.bytes).toString()).toBe(words)
    expect(brotli.encoding).toBe(nginx.hasBrotli ? 'br' : undefined)
    expect((nginx.hasBrotli ? brotliDecompressSync(brotli.bytes) : brotli.bytes).toString()).toBe(words)
    expect(plain.bytes.toString()).toBe(words)
    expect(nginx.pages.seen.map(({ headers }) => headers['accept-encoding'])).toEqual([undefined])
  })

  it('goes out with headers of its own request, and tells nothing of the cache', async () => {
    nginx.pages.answer = (request, response) =>
      answerPublicly('one', {
        'x-request-id': String(request.headers['x-request-id']),
        'cache-control': 'no-cache',
        'content-security-policy': "default-src 'none'; script-src 'sha256-abc'",
      })(request, response)
    await nextSecond()
    const first = await visit(nginx, '/ada/incident-timer')
    const second = await visit(nginx, '/ada/incident-timer')
    expect(asked()).toBe(1)
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
    expect(first.headers['x-request-id']).toBe(nginx.pages.seen[0]?.headers['x-request-id'])
    for (const { headers } of [first, second]) {
      expectStandardHeaders({ status: 200, headers, body: '' })
      expect(headers['cache-control']).toBe('no-cache')
      expect(Object.keys(headers).filter((name) => /^(?:age|via|warning|x-cache.*|x-accel.*|x-last.*)$/.test(name))).toEqual([])
    }
  })

  it('is told apart in the log', async () => {
    await nextSecond()
    for (let time = 0; time < 2; time++) await visit(nginx, '/ada/in-the-log')
    await visit(nginx, '/s/a-secret')
    const lines = (await readAccessLog(nginx)).trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as Record<'path' | 'cache', string>)
    expect(entries.filter((entry) => entry.path === '/ada/in-the-log').map(({ cache }) => cache)).toEqual(['MISS', 'HIT'])
    expect(entries.filter((entry) => entry.path === '/s/…').map(({ cache }) => cache)).toEqual([''])
  })
})

describe('what is never kept', () => {
  /** Two requests for each, all in one second. */
  async function expectAskedTwice(addresses: string[], options: Parameters<typeof visit>[2] = {}): Promise<void> {
    await nextSecond()
    for (const address of addresses) {
      nginx.api.seen.length = nginx.pages.seen.length = 0
      await visit(nginx, address, options)
      await visit(nginx, address, options)
      expect(asked(), address).toBe(2)
    }
  }

  it.each([
    ['is not marked', { 'x-accel-expires': '' }],
    ['is only called public', { 'x-accel-expires': '', 'cache-control': 'public, max-age=60' }],
    ['is marked as not to be kept', { 'x-accel-expires': '0' }],
    ['sets a cookie', { 'set-cookie': '__Host-session=secret' }],
    ['is private', { 'cache-control': 'Private, max-age=5' }],
    ['is not to be stored', { 'cache-control': 'no-store' }],
  ])('H12, S23: an answer that %s', async (_, headers) => {
    nginx.api.answer = nginx.pages.answer = answerPublicly('mine', headers)
    await expectAskedTwice(PUBLIC)
  })

  it('an answer that is no 200, even where it is marked', async () => {
    await nextSecond()
    for (const status of [301, 401, 403, 404, 410, 429, 500, 502, 503]) {
      nginx.pages.answer = (request, response) => {
        response.statusCode = status
        answerPublicly('no')(request, response)
      }
      await visit(nginx, `/ada/refused-${status}`)
      nginx.pages.answer = answerPublicly('yes')
      expect((await visit(nginx, `/ada/refused-${status}`)).body, String(status)).toBe('yes')
    }
  })

  it('a secret link', async () => {
    await expectAskedTwice(['/s/a-secret', '/s/a-secret/more', '/backend/s/a-secret', '/backend/s/incident-timer'])
  })

  it('whatever is asked with a token, or is no question', async () => {
    await expectAskedTwice(['/backend/ada/incident-timer'], { headers: { Authorization: 'Bearer token' } })
    await expectAskedTwice(['/backend/ada/incident-timer'], { method: 'POST' })
  })

  it('what another site’s page asks for: it gets no answer of anybody else’s, and nobody gets its own', async () => {
    nginx.api.answer = (request, response) => {
      const { origin } = request.headers
      answerPublicly(origin ?? 'nobody', origin ? { 'access-control-allow-origin': origin } : {})(request, response)
    }
    await nextSecond()
    for (const origin of [undefined, 'https://app.example.org', 'https://evil.example', undefined, 'https://app.example.org']) {
      const { headers, body } = await visit(nginx, '/backend/ada/incident-timer', { headers: origin ? { Origin: origin } : {} })
      expect([body, headers['access-control-allow-origin']]).toEqual([origin ?? 'nobody', origin])
    }
    expect(asked()).toBe(4)
    await expectAskedTwice(['/backend/ada/incident-timer'], { headers: { Origin: 'https://app.example.org' } })
  })

  it('an address that can be spelled in many ways, so that nobody fills the store with copies', async () => {
    const spellings = [
      '/ada/incident-timer?a=1',
      '/?',
      '/Ada/incident-timer',
      '/%61da/incident-timer',
      '/%e6%9d%8e/incident-timer',
    ]
    await expectAskedTwice([...spellings, '/ada/x;y'])
  })

  it('what was asked for by a name that is not the site’s; and names do not share', async () => {
    nginx.pages.answer = (request, response) => answerPublicly(String(request.headers['x-forwarded-host']))(request, response)
    await expectAskedTwice(['/ada/poisoned'], { headers: { Host: 'evil.example' } })
    await expectAskedTwice(['/ada/poisoned'], { headers: { Host: 'localhost.evil.example' } })
    await nextSecond()
    await visit(nginx, '/ada/poisoned', { headers: { 'X-Forwarded-Host': 'evil.example' } })
    expect((await visit(nginx, '/ada/poisoned')).body).toBe(`localhost:${nginx.httpsPort}`)
    expect((await visit(nginx, '/ada/poisoned', { headers: { Host: 'localhost' } })).body).toBe('localhost')
  })
})

describe('an address that may be public, with an answer that is not', () => {
  it('makes nobody wait for long', async () => {
    nginx.pages.answer = (_, response) => void setTimeout(() => response.writeHead(404).end('not there'), 100)
    await nextSecond()
    const began = Date.now()
    const answers = await Promise.all(Array.from({ length: 30 }, () => visit(nginx, '/ada/not-there')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    expect(Date.now() - began).toBeLessThan(2_500)
  })
})

describe('closing a page', () => {
  it('is seen a second later', async () => {
    await visit(nginx, '/ada/closed')
    await delay(100)
    nginx.pages.answer = (_, response) => response.writeHead(404).end('closed')
    await delay(1_000)
    const answers = await Promise.all(Array.from({ length: 10 }, () => visit(nginx, '/ada/closed')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
  })
})

describe('the space that is taken', () => {
  it('is bounded however many pages are asked for, and all are answered', async () => {
    const many = await startNginx({ limits: false })
    const files = (store: string): number =>
      readdirSync(path.join(many.folder, 'nginx/cache', store), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      ).length
    try {
      many.pages.answer = answerPublicly('x'.repeat(20_000))
      const began = Date.now()
      for (let round = 0; round < 40; round++) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => visit(many, `/user-${round}-${index}/incident-timer`)),
        )
        expect(answers.every(({ status, body }) => status === 200 && body.length === 20_000)).toBe(true)
        expect(files('fresh')).toBeLessThan(110 + (50 * (Date.now() - began)) / 1_000)
      }
      expect(files('fresh')).toBeGreaterThan(50)
      expect(files('last-good')).toBeGreaterThan(50)
      expect(files('last-good')).toBeLessThan(500)
      for (let tries = 0; files('fresh') > 0 && tries < 100; tries++) await delay(100)
      expect(files('fresh')).toBe(0)
    } finally {
      await many.stop()
    }
  })
})

describe('negative control', () => {
  it('with nothing kept, every request is asked', async () => {
    const plain = await startNginx({ limits: false, cache: false })
    try {
      plain.pages.answer = answerPublicly('one')
      await nextSecond()
      for (let time = 0; time < 5; time++) await visit(plain, '/ada/incident-timer')
      expect(plain.pages.seen).toHaveLength(5)
    } finally {
      await plain.stop()
    }
  })
})
