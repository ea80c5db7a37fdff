import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import postgres from 'postgres'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import { openDatabase, openListener } from '../../platform/database.ts'
import { startChaosProxy, type ChaosProxy } from '../../testing/chaos-proxy.ts'
import { buildTestApp, PASSWORD, testConfig } from '../../testing/harness.ts'
import { endApis, runApi, type RunningApi } from '../../testing/run-api.ts'
import { listenToRevocations } from './queries.ts'
import { PROOF_MS } from './revoked-sessions.ts'

// Two instances as they run, on one database. What one revokes the other must refuse, whatever happens to the connection on which it
// hears of it. That of `other` goes through a proxy on which things can go wrong.
const LISTENER = 'kennwilliamson-api-listener'
/** What the design promises of a revocation on every instance, in milliseconds. */
const PROMISE_MS = 1_000

let database: TestDatabase
let owner: postgres.Sql
let proxy: ChaosProxy
let one: RunningApi
let other: RunningApi

beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
  proxy = await startChaosProxy(database.url)
  ;[one, other] = await Promise.all([
    runApi({ DATABASE_URL: database.url }),
    runApi({ DATABASE_URL: proxy.through(database.url), METRICS_PORT: 'FREE' }),
  ])
})
beforeEach(async () => {
  Object.assign(proxy.chaos, { stalled: false, stalls: null })
  await untilProved()
})
afterAll(async () => {
  endApis()
  await Promise.all([one.ended, other.ended])
  await proxy.close()
  await owner.end()
  await database.drop()
})

interface Call {
  token?: string
  body?: object
}

function call(api: RunningApi, method: string, path: string, { token, body }: Call = {}): Promise<Response> {
  return fetch(api.url + path, {
    method,
    headers: {
      connection: 'close',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

/** Rounds in which the other instance may have been too busy to hear. */
const ROUNDS = 4

let people = 0

async function register(): Promise<SessionAnswer> {
  const name = `Person ${++people}`
  const body = { email: `person-${people}@example.org`, password: PASSWORD, display_name: name }
  return (await (await call(one, 'POST', '/auth/register', { body })).json()) as SessionAnswer
}

async function login({ email }: { email: string }): Promise<SessionAnswer> {
  const answer = await call(one, 'POST', '/auth/login', { body: { email, password: PASSWORD } })
  return (await answer.json()) as SessionAnswer
}

const ask = async (token: string) => (await call(other, 'GET', '/auth/me', { token })).status

/** Asks again and again; how long it takes until the answer is 401, in milliseconds. */
async function refusedAfter(statusOf: () => Promise<number>, within: number): Promise<number> {
  const began = performance.now()
  while ((await statusOf()) !== 401) {
    if (performance.now() - began > within) throw new Error(`still let in after ${within} ms`)
    await delay(10)
  }
  return performance.now() - began
}

/** How often the other instance has asked the database about a session. */
async function lookups(): Promise<number> {
  const text = await (await fetch(`${other.metricsUrl}/metrics`)).text()
  return Number(/^kennwilliamson_session_lookups_total (\d+)$/m.exec(text)?.[1])
}

/** Waits until the other instance lets people in without asking the database. */
async function untilProved(): Promise<void> {
  const { token } = await register()
  for (let tries = 0; tries < 300; tries++) {
    const before = await lookups()
    if ((await ask(token)) === 200 && (await lookups()) === before) return
    await delay(100)
  }
  throw new Error('the other instance does not hear again')
}

/** Ends every connection that listens. */
async function cutListeners(): Promise<number> {
  const rows = await owner`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = ${LISTENER}
  `
  return rows.length
}

const ways: [string, (session: SessionAnswer) => Promise<Response>][] = [
  ['S09: signing out', ({ refresh_token }) => call(one, 'POST', '/auth/revoke', { body: { refresh_token } })],
  ['S10: signing out everywhere', ({ token }) => call(one, 'POST', '/auth/revoke-all', { token })],
  [
    'S10: signing out one session from another',
    async (session) => {
      const { token } = await login(session.user)
      const sid = (JSON.parse(atob(session.token.split('.')[1] ?? '')) as { sid: string }).sid
      return call(one, 'DELETE', `/auth/sessions/${sid}`, { token })
    },
  ],
  [
    'S10: signing out all others',
    async (session) => call(one, 'POST', '/auth/revoke-others', { token: (await login(session.user)).token }),
  ],
]

describe('an access token that was revoked on another instance', () => {
  test.each(ways)('%s: refused within a second, without asking the database', async (_way, revoke) => {
    // An instance that heard nothing for two seconds asks, as it must; on a machine that busy another round tells.
    const asked: number[] = []
    while (!asked.includes(0) && asked.length < ROUNDS) {
      await untilProved()
      const session = await register()
      expect(await ask(session.token)).toBe(200)
      const before = await lookups()
      expect((await revoke(session)).ok).toBe(true)
      await refusedAfter(() => ask(session.token), PROMISE_MS)
      asked.push((await lookups()) - before)
    }
    expect(asked).toContain(0)
  })

  test('the check is not blind: an instance that does not listen lets it in', async () => {
    const sql = openDatabase(database.url, { max: 1 })
    const { app } = buildTestApp(testConfig(database.url), sql)
    const session = await register()
    const statusOf = async () => {
      const headers = { authorization: `Bearer ${session.token}` }
      return (await app.inject({ url: '/backend/auth/me', headers })).statusCode
    }
    await call(one, 'POST', '/auth/revoke', { body: { refresh_token: session.refresh_token } })
    await expect(refusedAfter(statusOf, PROMISE_MS)).rejects.toThrow('still let in')
    await app.close()
    await sql.end({ timeout: 1 })
  })
})

describe('an instance whose listening connection', () => {
  test('is cut again and again refuses it within the same second, and others are let in', async () => {
    const sessions = [await register(), await register(), await register()]
    const stranger = await register()
    let cut = 0
    for (const { token, refresh_token } of sessions) {
      for (let round = 0; round < 10; round++) {
        cut += await cutListeners()
        await delay(50)
        expect(await ask(stranger.token)).toBe(200)
      }
      await call(one, 'POST', '/auth/revoke', { body: { refresh_token } })
      await refusedAfter(() => ask(token), PROMISE_MS)
    }
    // The check is not blind: there was something to cut, each time.
    expect(cut).toBeGreaterThanOrEqual(3)
    await untilProved()
    for (const { token } of sessions) expect(await ask(token)).toBe(401)
  }, 60_000)

  test('goes silent without being closed: refused once the proof has run out, and at the first call from then on', async () => {
    const [early, late, stranger] = [await register(), await register(), await register()]
    for (const { token } of [early, late]) expect(await ask(token)).toBe(200)
    proxy.chaos.stalls = ({ name }) => name === LISTENER
    await call(one, 'POST', '/auth/revoke', { body: { refresh_token: early.refresh_token } })
    await refusedAfter(() => ask(early.token), PROOF_MS + PROMISE_MS)

    await delay(PROOF_MS)
    const before = await lookups()
    await call(one, 'POST', '/auth/revoke', { body: { refresh_token: late.refresh_token } })
    expect(await ask(late.token)).toBe(401)
    expect(await ask(stranger.token)).toBe(200)
    expect(await lookups()).toBe(before + 2)
    // It is given up and opened anew meanwhile, all in vain; it stays ready.
    await delay(5_000)
    expect(await ask(late.token)).toBe(401)
    expect((await call(other, 'GET', '/health/ready')).status).toBe(200)

    proxy.chaos.stalls = null
    await untilProved()
    const [listeners] = await owner`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = ${LISTENER}
    `
    expect(listeners?.['n']).toBe(2)
  }, 60_000)

  test('was given up for another one may end whenever it likes: the proof of the other one stands', async () => {
    const { token } = await register()
    const upTo = proxy.opened()
    proxy.chaos.stalls = ({ name, number }) => name === LISTENER && number <= upTo
    // The silent one is given up after five seconds.
    for (let tries = 0; tries < 200 && proxy.opened() === upTo; tries++) await delay(50)
    await untilProved()
    proxy.chaos.stalls = null
    await delay(1_500)
    const before = await lookups()
    expect(await ask(token)).toBe(200)
    expect(await lookups()).toBe(before)
  }, 60_000)
})

test('heartbeats of several instances are not taken for sessions, and none waits for the disk', async () => {
  const heard: string[] = []
  const sql = openListener(database.url, { heard: (message) => heard.push(message), lost: () => undefined })
  await listenToRevocations(sql)
  await delay(2_500)
  expect(heard.length).toBeGreaterThanOrEqual(3)
  for (const message of heard) expect(message).toMatch(/^beat \d+ of [0-9a-f-]{36}$/)
  expect(new Set(heard.map((message) => message.split(' ').at(-1))).size).toBe(2)
  const [mode] = await sql`show synchronous_commit`
  expect(mode).toEqual({ synchronous_commit: 'off' })
  await sql.end({ timeout: 0 })
})

test('with the database away it lets nobody in, and says so; it is alive, and its stop is not held up', async () => {
  const { token } = await register()
  const said = () => other.output().match(/cannot hear what is revoked/g)?.length ?? 0
  const before = said()
  await proxy.close()
  const answer = await call(other, 'GET', '/auth/me', { token })
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'DATABASE_UNAVAILABLE'])
  expect((await call(other, 'GET', '/health')).status).toBe(200)
  // However often it tries.
  await delay(2_000)
  expect(said()).toBe(before + 1)
  other.process.kill('SIGTERM')
  expect(await other.ended).toEqual({ code: 0, signal: null })
})
