import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import type { NewSecretLink } from '@kennwilliamson/contracts/links'
import { SharedEvent } from '@kennwilliamson/contracts/sharing'
import type { TimerList } from '@kennwilliamson/contracts/timers'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { startChaosProxy, type ChaosProxy } from '../../testing/chaos-proxy.ts'
import { openEvents, type EventReader } from '../../testing/event-reader.ts'
import { PASSWORD } from '../../testing/harness.ts'
import { endApis, runApi, type RunningApi } from '../../testing/run-api.ts'

// Two instances as they run, on one database. What is done at one is seen by those who look at the other, whose connections to the
// database go through a proxy on which things can go wrong.
const LISTENER = 'kennwilliamson-api-listener'
/** What is promised of a change, and of what is closed, in milliseconds. */
const CHANGE_MS = 1_000
const CLOSE_MS = 2_000
/** `npm run drills viewers` has 200. */
const VIEWERS = Number(process.env['VIEWERS'] ?? 20)

let database: TestDatabase
let owner: postgres.Sql
let proxy: ChaosProxy
let one: RunningApi
let other: RunningApi
const readers: EventReader[] = []

beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
  proxy = await startChaosProxy(database.url)
  ;[one, other] = await Promise.all([
    runApi({ DATABASE_URL: database.url }),
    runApi({ DATABASE_URL: proxy.through(database.url), METRICS_PORT: 'FREE' }),
  ])
})
beforeEach(() => {
  Object.assign(proxy.chaos, { stalled: false, stalls: null })
})
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close()
})
afterAll(async () => {
  endApis()
  await Promise.all([one.ended, other.ended])
  await proxy.close()
  await owner.end()
  await database.drop()
})

async function call(
  method: string,
  path: string,
  { token, body, api = one }: { token?: string; body?: object; api?: RunningApi } = {},
) {
  const answer = await fetch(api.url + path, {
    method,
    headers: {
      connection: 'close',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text ? JSON.parse(text) : null) as unknown }
}

let people = 0
async function register(shareLevel = 'notes') {
  const display_name = `Viewed ${++people}`
  const body = { email: `viewed-${people}@example.org`, password: PASSWORD, display_name, share_level: shareLevel }
  const { token, user } = (await call('POST', '/auth/register', { body })).body as SessionAnswer
  const { timers } = (await call('GET', '/timers', { token })).body as TimerList
  const timerId = timers[0]?.id ?? ''
  return { token, user, timerId, path: `/shared/${user.slug}/incident-timer` }
}

async function makeLink(
  { token, timerId }: { token: string; timerId: string },
  body: object,
): Promise<NewSecretLink & { path: string }> {
  const link = (await call('POST', `/timers/${timerId}/links`, { token, body })).body as NewSecretLink
  return { ...link, path: new URL(link.url).pathname }
}

async function look(
  path: string,
  { headers, api = other }: { headers?: Record<string, string>; api?: RunningApi } = {},
): Promise<EventReader> {
  const reader = await openEvents(`${api.url}${path}/events`, headers)
  readers.push(reader)
  return reader
}

const reset = (token: string, notes = 'again') => call('POST', '/incident-timers', { token, body: { notes } })

describe('a reset on one instance', () => {
  test('reaches those who look at another within a second, by the public address and by a link', async () => {
    const person = await register('stats')
    const link = await makeLink(person, { share_level: 'history' })
    const [visitor, guest] = [await look(person.path), await look(link.path)]
    expect(visitor.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    expect(guest.headers['x-robots-tag']).toBe('noindex')
    for (const reader of [visitor, guest]) expect((await reader.event(0)).event).toBe('snapshot')
    const began = performance.now()
    await reset(person.token, 'for guests alone')
    for (const reader of [visitor, guest]) {
      const change = await reader.event(1, CHANGE_MS)
      expect(change.at - began).toBeLessThan(CHANGE_MS)
      expect(change.event).toBe('change')
      expect(change.id).toBe(String(SharedEvent.strict().parse(change.data).revision))
      expect(Number(change.id)).toBeGreaterThan(Number(reader.events[0]?.id))
    }
    expect(visitor.body()).not.toContain('for guests alone')
    expect(guest.events[1]?.data).toMatchObject({ note: 'for guests alone', share_level: 'history' })
  })

  test('is one change, and so is everything else that a visitor sees: title, name, zone, listing, level, an edit, a deletion', async () => {
    const { token, user, timerId, path } = await register('count')
    const reader = await look(path)
    await reader.event(0)
    const entry = (await reset(token)).body as { id: string }
    const changes: [string, () => Promise<unknown>, object][] = [
      [
        'title',
        () => call('PATCH', `/timers/${timerId}`, { token, body: { title: 'Another title' } }),
        { title: 'Another title' },
      ],
      [
        'name',
        () => call('PUT', '/account/profile', { token, body: { display_name: 'Another Name' } }),
        { user_display_name: 'Another Name' },
      ],
      ['zone', () => call('PUT', '/account/profile', { token, body: { time_zone: 'Asia/Tokyo' } }), { time_zone: 'Asia/Tokyo' }],
      ['listed', () => call('PATCH', `/timers/${timerId}`, { token, body: { is_listed: true } }), { is_listed: true }],
      [
        'more',
        () => call('PATCH', `/timers/${timerId}`, { token, body: { share_level: 'history' } }),
        { share_level: 'history', note: 'again' },
      ],
      ['edit', () => call('PUT', `/incident-timers/${entry.id}`, { token, body: { notes: 'edited' } }), { note: 'edited' }],
      ['less', () => call('PATCH', `/timers/${timerId}`, { token, body: { share_level: 'count' } }), { share_level: 'count' }],
      ['deletion', () => call('DELETE', `/incident-timers/${entry.id}`, { token }), { before_first: true }],
    ]
    let n = 1
    await reader.event(n)
    for (const [what, change, expected] of changes) {
      await change()
      expect((await reader.event(++n, CHANGE_MS)).data, what).toMatchObject(expected)
    }
    // What visitors do not see is no change for them.
    await owner`update timers set position = 5, updated_at = now() where id = ${timerId}`
    await owner`update users set email = ${`other-${user.email}`} where id = ${user.id}`
    await delay(300)
    expect(reader.events).toHaveLength(n + 1)
    expect(reader.events.at(-1)?.data).not.toHaveProperty('note')
  })

  test('with the current Last-Event-ID nothing comes before it, with another a snapshot does', async () => {
    const { token, path } = await register()
    const first = await look(path)
    const { id = '' } = await first.event(0)
    const [current, stale] = [
      await look(path, { headers: { 'last-event-id': id } }),
      await look(path, { headers: { 'last-event-id': '0' } }),
    ]
    expect(await stale.event(0)).toMatchObject({ event: 'snapshot', id })
    await delay(200)
    expect(current.events).toEqual([])
    await reset(token)
    expect((await current.event(0, CHANGE_MS)).event).toBe('change')
  })
})

describe('what is closed', () => {
  type Person = Awaited<ReturnType<typeof register>>
  const byAddress: [string, (person: Person) => PromiseLike<unknown>][] = [
    ['private', ({ token, timerId }) => call('PATCH', `/timers/${timerId}`, { token, body: { share_level: 'private' } })],
    ['archived', ({ token, timerId }) => call('PATCH', `/timers/${timerId}`, { token, body: { archived: true } })],
    ['deactivated', ({ user }) => owner`update users set active = false where id = ${user.id}`],
    ['deleted', ({ token }) => call('DELETE', '/account', { token, body: { password: PASSWORD } })],
  ]
  test.each(byAddress)('ends the streams of all who look, within two seconds: %s', async (_what, close) => {
    const person = await register('history')
    const link = await makeLink(person, { share_level: 'history' })
    const watching = [await look(person.path), await look(person.path, { api: one }), await look(link.path)]
    for (const reader of watching) await reader.event(0)
    const began = performance.now()
    await close(person)
    // A link shows a private timer.
    const closed = _what === 'private' ? watching.slice(0, 2) : watching
    for (const reader of closed) {
      const last = await reader.event(1, CLOSE_MS)
      expect([last.event, last.data]).toEqual(['gone', {}])
      await reader.ended
      expect(performance.now() - began).toBeLessThan(CLOSE_MS)
    }
    expect((await look(person.path)).status).toBe(404)
    if (_what === 'private') expect((await watching[2]?.event(1))?.event).toBe('change')
  })

  test('a link that is revoked, or whose time has come, ends the streams it opened and no others', async () => {
    const person = await register('count')
    const [revoked, expiring, kept] = [
      await makeLink(person, { share_level: 'count' }),
      await makeLink(person, { share_level: 'count', expires_at: new Date(Date.now() + 1_500).toISOString() }),
      await makeLink(person, { share_level: 'count' }),
    ]
    const watching = await Promise.all([revoked, expiring, kept].map(({ path }) => look(path)))
    for (const reader of watching) await reader.event(0)
    const began = performance.now()
    await call('DELETE', `/timers/${person.timerId}/links/${revoked.id}`, { token: person.token })
    expect((await watching[0]?.event(1, CLOSE_MS))?.event).toBe('gone')
    expect(performance.now() - began).toBeLessThan(CLOSE_MS)
    expect((await watching[1]?.event(1, 1_500 + CLOSE_MS))?.event).toBe('gone')
    await watching[1]?.ended
    for (const { path } of [revoked, expiring]) expect((await look(path)).status).toBe(404)
    await reset(person.token)
    expect((await watching[2]?.event(1))?.event).toBe('change')
  })
})

describe('an instance that cannot hear', () => {
  test('because its connection is cut again and again tells all the same what happened meanwhile', async () => {
    const { token, path } = await register()
    const reader = await look(path)
    await reader.event(0)
    let cut = 0
    for (let round = 1; round <= 3; round++) {
      const rows =
        await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = ${LISTENER}`
      cut += rows.length
      await reset(token, `while deaf ${round}`)
      await expect.poll(() => reader.events.at(-1)?.data['note'], { timeout: 3_000 }).toBe(`while deaf ${round}`)
    }
    // The check is not blind: there was something to cut.
    expect(cut).toBeGreaterThanOrEqual(3)
  }, 20_000)

  test('because its connection went silent finds out, and tells then; closed is closed then too', async () => {
    const [person, private_] = [await register(), await register()]
    const [reader, closing] = [await look(person.path), await look(private_.path)]
    await Promise.all([reader.event(0), closing.event(0)])
    const upTo = proxy.opened()
    proxy.chaos.stalls = ({ name, number }) => name === LISTENER && number <= upTo
    await delay(50)
    await reset(person.token, 'unheard')
    await call('PATCH', `/timers/${private_.timerId}`, { token: private_.token, body: { share_level: 'private' } })
    await delay(500)
    // The check is not blind: nothing is heard.
    expect([reader.events.length, closing.events.length]).toEqual([1, 1])
    expect((await reader.event(1, 9_000)).data['note']).toBe('unheard')
    expect((await closing.event(1)).event).toBe('gone')
  }, 20_000)
})

describe(`${VIEWERS} viewers of one timer`, () => {
  /** Kilobytes that a process has in memory. */
  const residentOf = ({ process: { pid } }: RunningApi) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1])
  const gauge = async () =>
    Number(/^kennwilliamson_live_viewers (\d+)$/m.exec(await (await fetch(`${other.metricsUrl}/metrics`)).text())?.[1])

  test('see every reset, 95 of 100 within a second, cost 20 MB at most, and take nobody’s place', async () => {
    const { token, path } = await register('history')
    await reset(token, 'x'.repeat(500))
    await gauge()
    const before = residentOf(other)
    const watching: EventReader[] = []
    for (let n = 0; n < VIEWERS; n += 20)
      watching.push(...(await Promise.all(Array.from({ length: Math.min(20, VIEWERS - n) }, () => look(path)))))
    await Promise.all(watching.map((reader) => reader.event(0)))
    expect(await gauge()).toBe(VIEWERS)

    const waits: number[] = []
    for (let round = 1; round <= 10; round++) {
      const began = performance.now()
      await reset(token, `round ${round}`)
      const changes = await Promise.all(watching.map((reader) => reader.event(round)))
      for (const change of changes) {
        expect(change.data['note']).toBe(`round ${round}`)
        waits.push(change.at - began)
      }
    }
    const grown = (residentOf(other) - before) / 1024
    const p95 = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? Infinity
    process.stdout.write(`${VIEWERS} viewers: p95 ${p95.toFixed(0)} ms, memory grew by ${grown.toFixed(1)} MB\n`)
    expect(p95).toBeLessThan(CHANGE_MS)
    expect(grown).toBeLessThan(20)
    const metrics = await (await fetch(`${other.metricsUrl}/metrics`)).text()
    expect(metrics).toContain('kennwilliamson_http_requests_in_flight 0')

    for (const reader of watching) reader.close()
    await expect.poll(gauge).toBe(0)
  }, 60_000)
})

test('O01: an instance that stops sends everybody away with a time to come back, and is gone at once', async () => {
  const { path } = await register()
  const watching = [await look(path), await look(path)]
  for (const reader of watching) await reader.event(0)
  const began = performance.now()
  other.process.kill('SIGTERM')
  for (const reader of watching) {
    await reader.ended
    expect(reader.events.map(({ event }) => event)).toEqual(['snapshot'])
    expect(reader.retry()).toBeGreaterThanOrEqual(500)
  }
  expect(await other.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - began).toBeLessThan(4_000)
})
