import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { PASSWORD } from './testing/harness.ts'
import { startChaosProxy, type ChaosProxy } from './testing/chaos-proxy.ts'
import { endApis, runApi, type RunningApi } from './testing/run-api.ts'

// The API as it runs, its database behind a proxy on which everything can go wrong. One process for the whole file: it has to
// recover by itself each time.

let database: TestDatabase
let owner: postgres.Sql
let proxy: ChaosProxy
let api: RunningApi
let token: string

beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  owner = postgres(database.ownerUrl, { max: 2, onnotice: () => undefined })
  proxy = await startChaosProxy(database.url)
  api = await runApi({ DATABASE_URL: proxy.through(database.url), LOG_LEVEL: 'warn' })
  const body = { email: 'ada@example.org', password: PASSWORD, display_name: 'Ada' }
  token = ((await (await call('POST', '/auth/register', { body })).json()) as SessionAnswer).token
})
beforeEach(() => {
  Object.assign(proxy.chaos, { latency: 0, stalled: false, stalls: null, resetting: false })
})
afterAll(async () => {
  endApis()
  await api.ended
  await proxy.close()
  await owner.end()
  await database.drop()
})

function call(
  method: string,
  path: string,
  options: { body?: object; key?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  const { body, key, signal } = options
  const headers: Record<string, string> = { connection: 'close' }
  if (token) headers['authorization'] = `Bearer ${token}`
  if (body) headers['content-type'] = 'application/json'
  if (key) headers['idempotency-key'] = key
  return fetch(api.url + path, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  })
}

const list = () => call('GET', '/incident-timers')

async function statusAndSeconds(asked: Promise<Response>): Promise<{ status: number; seconds: number }> {
  const began = performance.now()
  const answer = await asked
  await answer.arrayBuffer()
  return { status: answer.status, seconds: (performance.now() - began) / 1000 }
}

/** Connections of the application that hold a transaction open in which nobody has worked for a second: a busy one is idle now and then. */
async function openTransactions(): Promise<number> {
  const [row] = await owner`
    select count(*)::int as open from pg_stat_activity
    where datname = current_database() and usename = 'kennwilliamson_app' and state like 'idle in transaction%'
      and state_change < clock_timestamp() - interval '1 second'
  `
  return row?.['open'] as number
}

async function connections(): Promise<number> {
  const [row] = await owner`
    select count(*)::int as open from pg_stat_activity where datname = current_database() and usename = 'kennwilliamson_app'
  `
  return row?.['open'] as number
}

async function expectRecovery(within: number): Promise<void> {
  const until = Date.now() + within
  let status = 0
  while (status !== 200 && Date.now() < until) {
    status = (await statusAndSeconds(list())).status
    if (status !== 200) await delay(100)
  }
  expect(status).toBe(200)
  expect((await call('GET', '/health/ready')).status).toBe(200)
  // One that was held up may just be finishing; one whose client has given up is ended by the database, which waits 10 s.
  const ended = Date.now() + 15_000
  while ((await openTransactions()) > 0 && Date.now() < ended) await delay(50)
  expect(await openTransactions()).toBe(0)
  // Six of the pool, and the one that hears of revocations; one that was given up may just be ending.
  while ((await connections()) > 7 && Date.now() < ended) await delay(50)
  expect(await connections()).toBeLessThanOrEqual(7)
  expect(api.process.exitCode).toBeNull()
}

test('O05: half a second of latency: slower, and right', async () => {
  proxy.chaos.latency = 500
  const answers = await Promise.all(Array.from({ length: 20 }, () => statusAndSeconds(list())))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const key = randomUUID()
  const created = await statusAndSeconds(call('POST', '/incident-timers', { key, body: {} }))
  expect(created.status).toBe(201)
  expect(created.seconds).toBeGreaterThan(0.5)
  expect(await openTransactions()).toBe(0)
  proxy.chaos.latency = 0
  await expectRecovery(5_000)
}, 40_000)

test('O05: a stall: every wait ends, readiness says so, and all goes on when it is over', async () => {
  proxy.chaos.stalled = true
  const asked = [
    ...Array.from({ length: 10 }, () => statusAndSeconds(list())),
    statusAndSeconds(call('POST', '/incident-timers', { key: randomUUID(), body: {} })),
  ]
  const ready = await statusAndSeconds(call('GET', '/health/ready'))
  expect(ready.status).toBe(503)
  expect(ready.seconds).toBeLessThan(5)
  expect((await call('GET', '/health')).status).toBe(200)
  for (const { status, seconds } of await Promise.all(asked)) {
    expect(status).toBe(503)
    expect(seconds).toBeLessThan(20)
  }
  proxy.chaos.stalled = false
  await expectRecovery(5_000)
}, 60_000)

test('O05: answers cut in the middle: 503 or the answer, what was acknowledged is there once, and nothing leaks', async () => {
  proxy.chaos.resetting = true
  const keys = Array.from({ length: 12 }, () => randomUUID())
  // Named, because a write that the stall held up may be done only now.
  const create = (key: string) => call('POST', '/incident-timers', { key, body: { notes: key } })
  const asked = await Promise.all([...keys.map((key) => statusAndSeconds(create(key))), statusAndSeconds(list())])
  for (const { status, seconds } of asked) {
    expect(status).toBe(503)
    expect(seconds).toBeLessThan(20)
  }
  proxy.chaos.resetting = false
  await expectRecovery(5_000)
  // Whoever did not learn what became of it asks again with the same key: each is done once, whether it had been done or not.
  for (const key of keys) expect((await create(key)).status).toBe(201)
  const done = await owner<{ notes: string }[]>`select notes from incidents where notes = any(${keys})`
  expect(done.map(({ notes }) => notes).toSorted()).toEqual(keys.toSorted())
}, 60_000)

test('O05: a client that goes away keeps no transaction', async () => {
  let release: () => void = () => undefined
  const held = owner.begin(async (sql) => {
    await sql`lock table incidents in exclusive mode`
    await new Promise<void>((resolve) => (release = resolve))
  })
  try {
    await delay(100)
    const gone = new AbortController()
    const asked = call('POST', '/incident-timers', { key: randomUUID(), body: {}, signal: gone.signal })
    asked.catch(() => undefined)
    /** Those that the lock holds up: the API's heartbeat has a transaction each second too. */
    const waiting = async () => {
      const [row] = await owner`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and usename = 'kennwilliamson_app' and wait_event_type = 'Lock'
      `
      return row?.['n'] as number
    }
    // The check is not blind: the transaction is there.
    await expect.poll(waiting, { timeout: 2_500, interval: 20 }).toBe(1)
    gone.abort()
    await expect(asked).rejects.toThrow('aborted')
    // What it waits for ends by the lock's own time, 3 s.
    await expect.poll(waiting, { timeout: 10_000, interval: 50 }).toBe(0)
  } finally {
    release()
    await held
  }
  await expectRecovery(5_000)
}, 30_000)
