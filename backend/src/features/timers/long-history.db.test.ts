import type { Charts, IncidentList, Stats } from '@kennwilliamson/contracts/incidents'
import { MAX_INCIDENTS, type Timer } from '@kennwilliamson/contracts/timers'
import { beforeAll, describe, expect, test } from 'vitest'
import { explain, rowsOf, wholeTables } from '../../testing/explain.ts'
import { expectProblem, useHarness } from '../../testing/harness.ts'
import { quickest } from '../../testing/quickest.ts'
import { listIncidents } from '../incidents/queries.ts'
import { listSharedIncidents, listViews } from '../sharing/queries.ts'
import { findFigures } from '../statistics/queries.ts'

const harness = useHarness()
let token: string
let userId: string
let timerId: string

/** A timer with as many incidents as there can be, an hour apart, every tenth with a note; and its neighbours' as many. */
beforeAll(async () => {
  const owner = await harness.register()
  token = owner.token
  userId = owner.user.id
  const make = async (title: string) =>
    ((await harness.call('POST', '/timers', { token, body: { title, started_at: '2010-01-01T00:00:00Z' } })).body as Timer).id
  timerId = await make('Long')
  await harness.owner`
    insert into incidents (timer_id, occurred_at, notes)
    select ${timerId}, date_trunc('hour', now()) - n * interval '1 hour', case when n % 10 = 0 then 'note ' || n || repeat(' and so on', 20) end
    from generate_series(1, ${MAX_INCIDENTS}::int) n
  `
  await harness.owner`analyze`
}, 120_000)

/** What one request made PostgreSQL do: rows that its scans gave, read from the statistics of this database's tables. */
async function rowsReadBy(work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const [row] = await harness.owner<{ number: string }[]>`
      select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) + (
        select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where relname in ('incidents', 'incident_runs')
      ) as number
      from pg_stat_user_tables where relname in ('incidents', 'incident_runs')
    `
    return Number(row?.number)
  }
  await flush()
  const before = await read()
  await work()
  await flush()
  return (await read()) - before
}

/** Every connection of the pool, and the owner's, writes its counts down. */
async function flush(): Promise<void> {
  const connections = await Promise.all(Array.from({ length: 6 }, () => harness.sql.reserve()))
  for (const one of connections) {
    await one`select pg_stat_force_next_flush()`
    await one`select 1 as one`
    one.release()
  }
  await harness.owner`select pg_stat_force_next_flush()`
  await harness.owner`select pg_stat_clear_snapshot()`
}

const get = async (path: string) => {
  const answer = await harness.call('GET', `/timers/${timerId}${path}`, { token })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

describe('of 100,000 incidents', () => {
  test('a page, the figures and the newest touch only the rows that they need, in a moment', async () => {
    const first = (await get('/incidents')) as IncidentList
    expect(first.incidents).toHaveLength(50)
    const deep = Buffer.from(JSON.stringify(['2017-01-01T00:00:00Z', timerId])).toString('base64url')
    expect(((await get(`/incidents?cursor=${deep}`)) as IncidentList).incidents).toHaveLength(50)
    const stats = (await get('/stats')) as Stats
    expect(stats).toMatchObject({ completed_runs: MAX_INCIDENTS, incident_free_days: { d30: expect.any(Number) as number } })
    for (const [path, rows] of [
      ['/incidents', 200],
      [`/incidents?cursor=${deep}`, 200],
      ['', 10],
      // some for each of 365 days
      ['/stats', 5_000],
    ] as const) {
      expect(await rowsReadBy(() => get(path)), path).toBeLessThan(rows)
      expect(await quickest(() => get(path)), path).toBeLessThan(50)
    }
    expect(await rowsReadBy(() => harness.call('GET', '/timers', { token }))).toBeLessThan(10)
    // The control: reading all of them would be seen.
    const all = () => harness.sql`select max(updated_at)::text from incidents where timer_id = ${timerId}`
    expect(await rowsReadBy(all)).toBeGreaterThanOrEqual(MAX_INCIDENTS)
  }, 60_000)

  test('plans read by index, and as much as is shown: a page of the owner’s and of the public list, the public page, the figures', async () => {
    const from = '2017-01-01T00:00:00Z'
    await harness.owner`update timers set share_level = 'history' where id = ${timerId}`
    const plans = {
      'first page': await explain(harness.owner, (sql) =>
        listIncidents(sql, { userId, timerId }, { before: null, search: null, limit: 51 }),
      ),
      'deep page': await explain(harness.owner, (sql) =>
        listIncidents(sql, { userId, timerId }, { before: { occurredAt: from, id: timerId }, search: null, limit: 51 }),
      ),
      'public list': await explain(harness.owner, (sql) =>
        listSharedIncidents(sql, timerId, { until: from, skip: 1, limit: 51 }),
      ),
      'public page': await explain(harness.owner, (sql) => listViews(sql, [{ timerId, linkId: null }])),
      figures: await explain(harness.owner, (sql) => findFigures(sql, timerId, null)),
    }
    for (const [what, scans] of Object.entries(plans)) {
      // Users and timers are few here, and may be read as they lie; incidents and runs are not.
      expect(
        wholeTables(scans).every(({ rows }) => rows < 20),
        what,
      ).toBe(true)
      expect(
        scans.some(({ index }) => /^incident/.test(index ?? '')),
        what,
      ).toBe(true)
      expect(rowsOf(scans), what).toBeLessThan(what === 'figures' ? 5_000 : 200)
    }
    const all = await explain(
      harness.owner,
      (sql) => sql`select max(updated_at)::text from incidents where timer_id = ${timerId}`,
    )
    expect(rowsOf(all)).toBeGreaterThanOrEqual(MAX_INCIDENTS)
  })

  test('a search reads no more than the timer’s own, and stops when its page is full', async () => {
    expect(await rowsReadBy(() => get('/incidents?q=NOTE&limit=5'))).toBeLessThan(500)
    const rare = (await get('/incidents?q=note%2099990%20')) as IncidentList
    expect(rare.incidents).toHaveLength(1)
    expect(await quickest(() => get('/incidents?q=nowhere'))).toBeLessThan(2_000)
    const charts = (await get('/charts')) as Charts
    expect([charts.days.length, charts.runs.length]).toEqual([365, 50].map((number) => expect.closeTo(number, -1) as number))
    expect(await quickest(() => get('/charts'))).toBeLessThan(500)
  }, 60_000)

  test('the next one is refused, and one is edited or deleted in a moment', async () => {
    expectProblem(await harness.call('POST', `/timers/${timerId}/incidents`, { token }), 409, 'TOO_MANY_INCIDENTS')
    const { incidents } = (await get('/incidents')) as IncidentList
    const [newest, next] = incidents
    const edit = async () => {
      const body = { occurred_at: next?.occurred_at, notes: String(Math.random()) }
      expect((await harness.call('PATCH', `/timers/${timerId}/incidents/${newest?.id}`, { token, body })).status).toBe(200)
    }
    expect(await rowsReadBy(edit)).toBeLessThan(100)
    expect(await quickest(edit)).toBeLessThan(100)
    expect((await harness.call('DELETE', `/timers/${timerId}/incidents/${newest?.id}`, { token })).status).toBe(204)
    expect((await harness.call('POST', `/timers/${timerId}/incidents`, { token })).status).toBe(201)
  }, 60_000)

  test('the timer is deleted within the time that a statement has', async () => {
    expect((await harness.call('DELETE', `/timers/${timerId}`, { token })).status).toBe(204)
    const [left] = await harness.owner<{ runs: number }[]>`select count(*)::int as runs from incident_runs`
    expect(left?.runs).toBe(0)
  }, 60_000)
})
