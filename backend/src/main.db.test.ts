import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import postgres from 'postgres'
import { JWT_SECRET, PASSWORD } from './testing/harness.ts'
import { endApis, runApi, type RunningApi } from './testing/run-api.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
})
afterEach(endApis)
afterAll(() => database.drop())

const run = (settings: Record<string, string> = {}, options: Parameters<typeof runApi>[1] = {}) =>
  runApi({ DATABASE_URL: database.url, ...settings }, options)

/** A request on a connection of its own that would be kept alive if the server let it. */
function ask(url: string): Promise<{ status: number; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const agent = new http.Agent({ keepAlive: true })
    const request = http.get(url, { agent }, (response) => {
      response.resume().on('end', () => {
        agent.destroy()
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection })
      })
    })
    request.on('error', reject)
  })
}

function register(api: RunningApi, name: string): Promise<Response> {
  const body = JSON.stringify({ email: `${name}@example.org`, password: PASSWORD, display_name: name })
  return fetch(`${api.url}/auth/register`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
}

describe('O01: SIGTERM', () => {
  test('not ready any more, still accepting for the drain, then what is under way finishes and the exit code is 0', async () => {
    const api = await run({ DRAIN_SECONDS: '1' })
    const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
    let release: () => void = () => undefined
    const held = owner.begin(async (sql) => {
      await sql`lock table users in access exclusive mode`
      await new Promise<void>((resolve) => (release = resolve))
    })
    await delay(100)
    expect((await ask(`${api.url}/health`)).connection).toBe('keep-alive')
    const underWay = register(api, 'Underway')
    await delay(300)
    api.process.kill('SIGTERM')
    await delay(100)
    expect(await ask(`${api.url}/health/ready`)).toEqual({ status: 503, connection: 'close' })
    expect(await ask(`${api.url}/health`)).toEqual({ status: 200, connection: 'close' })
    await delay(1_400)
    await expect(ask(`${api.url}/health`)).rejects.toThrow('ECONNREFUSED')
    release()
    await held
    expect((await underWay).status).toBe(201)
    expect(await api.ended).toEqual({ code: 0, signal: null })
    expect(api.output()).toMatch(/"msg":"stopping"[^]*"msg":"stopped"/)
    await owner.end()
  })

  test('without a drain it ends at once, and a signal while the database is away ends it too', async () => {
    const away = { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nothing' }
    for (const api of [await run(), await run(away, { until: '/health' })]) {
      const began = Date.now()
      api.process.kill('SIGTERM')
      expect(await api.ended).toEqual({ code: 0, signal: null })
      expect(Date.now() - began).toBeLessThan(4_000)
    }
  })
})

describe('O11: what nobody caught', () => {
  test.each([
    ['uncaught exception', 'setImmediate(() => { throw new Error("planted") })'],
    ['unhandled rejection', 'void Promise.reject(new Error("planted"))'],
  ])('%s: logged with its stack, exit code 1', async (kind, fault) => {
    const api = await run({}, { planted: `process.on('SIGUSR2', () => { ${fault} })` })
    api.process.kill('SIGUSR2')
    expect(await api.ended).toEqual({ code: 1, signal: null })
    // What was under way may still say something after it.
    const lines = api.output().trim().split('\n')
    const fatal = lines.map((line) => JSON.parse(line) as { level: string }).filter(({ level }) => level === 'fatal')
    expect(fatal).toMatchObject([
      { msg: kind, err: { message: 'planted', stack: expect.stringContaining('planted\n    at') as string } },
    ])
  })

  test('out of memory: said, and the process is gone', async () => {
    const planted = `process.on('SIGUSR2', () => { const all = []; for (;;) all.push(new Array(10_000).fill({})) })`
    const api = await run({}, { planted, flags: ['--max-old-space-size=64'] })
    api.process.kill('SIGUSR2')
    const { code, signal } = await api.ended
    expect(code ?? signal).not.toBe(0)
    expect(api.output()).toContain('heap out of memory')
  }, 40_000)

  test('the check is not blind: without a fault it goes on', async () => {
    const api = await run({}, { planted: `process.on('SIGUSR2', () => undefined)` })
    api.process.kill('SIGUSR2')
    await delay(300)
    expect((await ask(`${api.url}/health`)).status).toBe(200)
  })
})

describe('O13: settings', () => {
  test('all that is wrong in one message, exit code 1, and no secret in it', async () => {
    const secret = 'too short a secret'
    const api = await runApi({ JWT_SECRET: secret, DATABASE_URL: `mysql://${secret}@x`, METRICS_PORT: 'x', DRAIN_SECONDS: '-1' })
    expect(await api.ended).toEqual({ code: 1, signal: null })
    for (const name of ['JWT_SECRET', 'DATABASE_URL', 'METRICS_PORT', 'DRAIN_SECONDS'])
      expect(api.output()).toContain(`  ${name}: `)
    expect(api.output()).not.toContain(secret)
    expect(api.output()).not.toContain(JWT_SECRET)
    expect(api.output()).not.toMatch(/\n {4}at /)
  })
})

describe('metrics', () => {
  /** Says on demand whether the library is there. */
  const planted = `
    import { createRequire } from 'node:module'
    const { cache } = createRequire(import.meta.url)
    process.on('SIGUSR2', () => process.stdout.write('library ' + Object.keys(cache).some((file) => file.includes('prom-client'))))
  `.replace('import.meta.url', `'file:///'`)

  test('nothing listens and nothing is loaded where no port is set', async () => {
    const api = await run({}, { planted })
    await expect(ask(`${api.metricsUrl}/metrics`)).rejects.toThrow('ECONNREFUSED')
    api.process.kill('SIGUSR2')
    await delay(200)
    expect(api.output()).toContain('library false')
  })

  test('Z09: served on its own port, and never on the API’s', async () => {
    const api = await run({ METRICS_PORT: 'FREE', CERTIFICATE_PROBE: '127.0.0.1:1' }, { planted })
    const text = await (await fetch(`${api.metricsUrl}/metrics`)).text()
    expect(text).toContain('kennwilliamson_database_up 1\n')
    expect(text).toContain('kennwilliamson_certificate_probe_up 0\n')
    expect(text).toMatch(/kennwilliamson_http_requests_total\{route="\/backend\/health\/ready",method="GET",status="200"\} \d/)
    for (const path of ['/metrics', '/../metrics'])
      expect((await ask(`${api.url.replace('/backend', '')}${path}`)).status).toBe(404)
    expect((await ask(`${api.url}/metrics`)).status).toBe(404)
    api.process.kill('SIGUSR2')
    await delay(200)
    expect(api.output()).toContain('library true')
  })
})

describe('the first administrator', () => {
  const codeOf = async (api: RunningApi): Promise<string> => {
    const find = () => /"level":"warn",[^\n]*"msg":"claim code: ([2-9A-HJ-NP-Z-]{19})"/.exec(api.output())?.[1]
    await expect.poll(find, { timeout: 10_000 }).toBeDefined()
    return find() ?? ''
  }

  test('instances that start together print one claim code, with LOG_LEVEL=warn too, and it makes one', async () => {
    const apis = await Promise.all([run(), run({ LOG_LEVEL: 'warn' })])
    const [code, same] = await Promise.all(apis.map(codeOf))
    expect(same).toBe(code)
    const [api] = apis
    const { token } = (await (await register(api, 'Claimant')).json()) as { token: string }
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(`${api.url}/auth/claim`, { method: 'POST', headers, body: JSON.stringify({ code }) })
    expect([answer.status, await answer.json()]).toMatchObject([200, { roles: ['user', 'admin'] }])
    const later = await run({ LOG_LEVEL: 'debug' })
    await delay(500)
    expect(later.output()).not.toContain('claim code')
  })
})
