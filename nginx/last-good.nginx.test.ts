import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, type TestContext } from 'vitest'
import { expectProblem, expectStandardHeaders } from './testing/expectations.ts'
import { answerPublicly, comeBack, goDown, nextSecond, visit } from './testing/public-answers.ts'
import { readAccessLog, startNginx, type TestNginx } from './testing/start-nginx.ts'
import type { NginxOptions } from './render.ts'

/** An nginx whose pages and API have answered publicly once for each address. */
async function startVisited(
  { onTestFinished }: TestContext,
  addresses: string[],
  overrides: Partial<NginxOptions> = {},
): Promise<TestNginx> {
  const nginx = await startNginx({ limits: false, ...overrides })
  onTestFinished(() => nginx.stop())
  nginx.api.answer = nginx.pages.answer = answerPublicly('before')
  for (const address of addresses) expect((await visit(nginx, address)).status).toBe(200)
  await nextSecond()
  return nginx
}

const PUBLIC = ['/', '/ada/incident-timer', '/backend/shared/ada/incident-timer', '/backend/ada/incident-timer']

// Most of them wait, and each has an nginx of its own: all at once.
describe.concurrent('O04: while nobody answers', () => {
  it('a public answer of before is given: the connection is refused', async (context) => {
    const nginx = await startVisited(context, PUBLIC)
    await Promise.all([goDown(nginx.api), goDown(nginx.pages)])
    for (const address of PUBLIC) {
      const answer = await visit(nginx, address)
      expect([answer.status, answer.body]).toEqual([200, 'before'])
      expectStandardHeaders(answer)
    }
    expect(await readAccessLog(nginx)).toContain('"cache":"STALE"')
  })

  it.for([502, 503, 504])(
    'a public answer of before is given: the answer is %d, as with the database away',
    async (status, context) => {
      const nginx = await startVisited(context, PUBLIC)
      nginx.api.answer = nginx.pages.answer = (_, response) => response.writeHead(status, { 'retry-after': '5' }).end('away')
      for (const address of PUBLIC) {
        const answer = await visit(nginx, address)
        expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([200, 'before', undefined])
      }
    },
  )

  it('a public answer of before is given: the connection is lost before the answer', async (context) => {
    const nginx = await startVisited(context, PUBLIC)
    nginx.api.answer = nginx.pages.answer = (request) => request.socket.destroy()
    for (const address of PUBLIC) expect((await visit(nginx, address)).body).toBe('before')
  })

  it('a public answer of before is given: the connection is taken and nothing said', async (context) => {
    const nginx = await startVisited(context, PUBLIC)
    nginx.api.answer = nginx.pages.answer = () => undefined
    const began = Date.now()
    const answers = await Promise.all(PUBLIC.map((address) => visit(nginx, address)))
    expect(answers.map(({ body }) => body)).toEqual(PUBLIC.map(() => 'before'))
    expect(Date.now() - began).toBeLessThan(12_000)
  })

  it('one request at a time tries, and all are given the answer', async (context) => {
    const nginx = await startVisited(context, ['/ada/incident-timer'])
    nginx.pages.seen.length = 0
    nginx.pages.answer = (_, response) => void setTimeout(() => response.writeHead(503).end(), 200)
    await nextSecond()
    const answers = await Promise.all(Array.from({ length: 20 }, () => visit(nginx, '/ada/incident-timer')))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 before']))
    expect(nginx.pages.seen).toHaveLength(1)
  })

  it('nothing else is: what was never asked for, is private, has a query, or is a secret link', async (context) => {
    const nginx = await startVisited(context, ['/ada/incident-timer', '/s/a-secret', '/backend/s/a-secret', '/incidents'])
    await Promise.all([goDown(nginx.api), goDown(nginx.pages)])
    for (const address of ['/s/a-secret', '/ada/other', '/ada/incident-timer?x=1', '/incidents']) {
      const answer = await visit(nginx, address)
      expect([answer.status, answer.headers['retry-after'], answer.headers['cache-control']]).toEqual([503, '2', 'no-store'])
      expect(answer.body).toContain('<title>One moment</title>')
      expectStandardHeaders(answer)
    }
    for (const address of ['/backend/s/a-secret', '/backend/shared/ada/other', '/backend/health']) {
      const answer = await visit(nginx, address)
      expectProblem(answer, 'OVERLOADED')
      expect(answer.headers['retry-after']).toBe('2')
      expectStandardHeaders(answer)
    }
  })

  it('an instance that is there is left its own words where there is nothing of before', async (context) => {
    const nginx = await startVisited(context, [])
    nginx.api.answer = (_, response) =>
      response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '7' }).end('database')
    const answer = await visit(nginx, '/backend/shared/ada/incident-timer')
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([503, 'database', '7'])
  })

  it('nobody waits twice for words that are slow to come', async (context) => {
    const nginx = await startVisited(context, [])
    nginx.api.answer = (_, response) => void setTimeout(() => response.writeHead(503).end('database'), 2_000)
    const began = Date.now()
    expectProblem(await visit(nginx, '/backend/shared/ada/incident-timer'), 'OVERLOADED')
    expect(Date.now() - began).toBeLessThan(3_900)
  })

  it.for([403, 404, 429, 500])('an answer of %d is an answer, and nothing takes its place', async (status, context) => {
    const nginx = await startVisited(context, PUBLIC)
    nginx.api.answer = nginx.pages.answer = (_, response) => response.writeHead(status).end('now')
    for (const address of PUBLIC) {
      const answer = await visit(nginx, address)
      expect([answer.status, answer.body]).toEqual([status, 'now'])
    }
  })

  it('what was closed before stays closed', async (context) => {
    const nginx = await startVisited(context, PUBLIC)
    nginx.api.answer = nginx.pages.answer = (_, response) => response.writeHead(404).end('closed')
    for (const address of PUBLIC) expect((await visit(nginx, address)).status).toBe(404)
    await Promise.all([goDown(nginx.api), goDown(nginx.pages)])
    await nextSecond()
    for (const address of PUBLIC) expect((await visit(nginx, address)).body).not.toBe('before')
    await delay(2_100)
    for (const address of PUBLIC) expect((await visit(nginx, address)).status).toBe(503)
  })

  it('and nothing of before is given once somebody answers again', async (context) => {
    const nginx = await startVisited(context, ['/ada/incident-timer'])
    await goDown(nginx.pages)
    expect((await visit(nginx, '/ada/incident-timer')).body).toBe('before')
    nginx.pages.answer = answerPublicly('after')
    await comeBack(nginx.pages)
    await nextSecond()
    expect((await visit(nginx, '/ada/incident-timer')).body).toBe('after')
  })

  it('nothing is given that is too old, however often it was asked for', async (context) => {
    const nginx = await startVisited(context, PUBLIC, { lastGoodSeconds: 3 })
    const began = Date.now()
    await Promise.all([goDown(nginx.api), goDown(nginx.pages)])
    let last = 0
    while (Date.now() - began < 8_000) {
      for (const address of PUBLIC) if ((await visit(nginx, address)).status === 200) last = Date.now() - began
      await delay(200)
    }
    // 3 s and what is left of the second, twice.
    expect(last).toBeGreaterThan(1_500)
    expect(last).toBeLessThan(5_000)
  })

  it('negative control: with nothing kept, visitors are turned away', async (context) => {
    const nginx = await startVisited(context, PUBLIC, { cache: false })
    await Promise.all([goDown(nginx.api), goDown(nginx.pages)])
    for (const address of PUBLIC) expect((await visit(nginx, address)).status).toBe(503)
  })
})
