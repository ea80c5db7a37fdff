import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import type { Sql } from '../../platform/database.ts'
import { useHarness } from '../../testing/harness.ts'
import { completedRuns, momentOf, statsByTheWords, textOf, type Happened } from '../../testing/streak-oracle.ts'
import { insertIncident } from '../incidents/queries.ts'
import { previewStats } from './preview.ts'
import { findStats } from './stats.ts'

const harness = useHarness()
let userId: string

beforeAll(async () => {
  userId = (await harness.register()).user.id
})

const HOUR = 3_600_000_000
const DAY = 24 * HOUR

/** Where clocks are changed at midnight, by half an hour, not at all; and far to both sides. */
const ZONES = [
  'UTC',
  'Europe/London',
  'America/New_York',
  'America/Havana',
  'Atlantic/Azores',
  'Asia/Beirut',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
]

/** Moments to look from: leap days, the hours around changes of the clock, ordinary ones. */
const MOMENTS = [
  '2024-02-29T23:59:59.999999Z',
  '2024-03-01T00:00:00Z',
  '2024-03-10T04:59:59Z',
  '2024-03-31T00:30:00Z',
  '2024-11-03T04:30:00Z',
  '2024-11-03T05:00:00.000001Z',
  '2025-02-28T12:00:00Z',
  '2025-03-01T10:00:00Z',
  '2025-06-15T13:14:15.161718Z',
].map(momentOf)

/** How long ago: the same hours again and again, so that times and lengths are often equal; or anything. */
const ago = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((hours) => hours * HOUR),
  fc.integer({ min: 0, max: 800 }).map((half) => half * (DAY / 2)),
  fc.integer({ min: 0, max: 500 * DAY }),
)

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), ago: fc.array(ago, { minLength: 1, maxLength: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), which: fc.nat(), ago }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shift all' as const), by: ago }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), ago }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the test believes. */
interface Model {
  timerId: string
  startedAt: number
  incidents: Happened[]
}

async function newTimer(sql: Sql, startedAt: number): Promise<Model> {
  const [row] = await sql<{ id: string }[]>`
    insert into timers (user_id, slug, title, started_at) values (${userId}, ${`t-${Math.random()}`}, 'x', ${textOf(startedAt)})
    returning id
  `
  return { timerId: row?.id ?? '', startedAt, incidents: [] }
}

async function play(sql: Sql, model: Model, step: Step, now: number): Promise<void> {
  const { timerId, incidents } = model
  if (step.kind === 'insert') {
    const times = step.ago.map((one) => textOf(now - one))
    const rows = await sql<{ id: string; occurred_at: string }[]>`
      insert into incidents (timer_id, occurred_at) select ${timerId}, unnest(${times}::timestamptz[]) returning id, occurred_at
    `
    incidents.push(...rows.map(({ id, occurred_at }) => ({ id, at: momentOf(occurred_at) })))
  } else if (step.kind === 'start') {
    model.startedAt = now - step.ago
    await sql`update timers set started_at = ${textOf(model.startedAt)} where id = ${timerId}`
  } else if (step.kind === 'shift all') {
    await sql`update incidents set occurred_at = occurred_at - make_interval(secs => ${step.by / 1_000_000}) where timer_id = ${timerId}`
    for (const one of incidents) one.at -= step.by
  } else {
    const index = step.which % Math.max(incidents.length, 1)
    const one = incidents[index]
    if (!one) return
    if (step.kind === 'edit') {
      one.at = now - step.ago
      await sql`update incidents set occurred_at = ${textOf(one.at)}, notes = 'edited' where id = ${one.id}`
    } else {
      incidents.splice(index, 1)
      if (step.kind === 'delete') await sql`delete from incidents where id = ${one.id}`
      else await sql`update incidents set undone_at = now() where id = ${one.id}`
    }
  }
}

async function readRuns(sql: Sql, timerId: string) {
  return await sql<{ incident_id: string; began_at: string; ended_at: string; run_us: number }[]>`
    select incident_id, began_at, ended_at, run_us from incident_runs where timer_id = ${timerId} order by ended_at, incident_id
  `
}

function expectedRuns({ startedAt, incidents }: Model) {
  return completedRuns(startedAt, incidents)
    .map(({ incidentId, from, to }) => ({
      incident_id: incidentId,
      began_at: textOf(from),
      ended_at: textOf(to),
      run_us: to - from,
    }))
    .toSorted((a, b) => momentOf(a.ended_at) - momentOf(b.ended_at) || (a.incident_id < b.incident_id ? -1 : 1))
}

/** Does the work in a transaction that leaves nothing behind. */
async function withoutTrace(work: (sql: Sql) => Promise<void>): Promise<void> {
  const done = new Error('done')
  await harness.sql
    .begin(async (sql) => {
      await work(sql)
      throw done
    })
    .catch((error: unknown) => {
      if (error !== done) throw error
    })
}

describe('the figures', () => {
  test('of any history are what the words of the design say, and the runs kept are those between neighbours', async () => {
    const history = fc.record({
      zone: fc.constantFrom(...ZONES),
      now: fc.constantFrom(...MOMENTS),
      started: ago,
      steps: fc.array(step, { maxLength: 10 }),
    })
    const seen = { current: 0, past: 0 }
    await fc.assert(
      fc.asyncProperty(history, async ({ zone, now, started, steps }) => {
        await withoutTrace(async (sql) => {
          await sql`update users set time_zone = ${zone} where id = ${userId}`
          const model = await newTimer(sql, now - started)
          for (const one of steps) await play(sql, model, one, now)
          const stats = await findStats(sql, model.timerId, textOf(now))
          expect(stats).toEqual(statsByTheWords(model.startedAt, model.incidents, now, zone))
          expect([...(await readRuns(sql, model.timerId))]).toEqual(expectedRuns(model))
          const [kept] = await sql<{ incident_count: number }[]>`select incident_count from timers where id = ${model.timerId}`
          expect(kept?.incident_count).toBe(model.incidents.length)
          if (stats?.record_is_current) seen.current++
          else seen.past++
        })
      }),
      { numRuns: propertyRuns(200) },
    )
    // The control: histories were such that records could be told apart.
    expect(Math.min(seen.current, seen.past)).toBeGreaterThan(10)
  })

  test('of two runs that are equally long the earlier one is the record', async () => {
    await withoutTrace(async (sql) => {
      const now = momentOf('2025-06-15T12:00:00Z')
      const model = await newTimer(sql, now - 4 * DAY)
      await play(sql, model, { kind: 'insert', ago: [2 * DAY] }, now)
      expect(await findStats(sql, model.timerId, textOf(now))).toMatchObject({
        record_is_current: false,
        record_seconds: 172_800,
      })
      const later = await findStats(sql, model.timerId, textOf(now + 1))
      expect(later).toMatchObject({ record_is_current: true, record_seconds: 172_800 })
    })
  })

  test('a day that begins twice is one day', async () => {
    // In Havana midnight of 3 November 2024 came at 04:00 and again at 05:00 UTC.
    await withoutTrace(async (sql) => {
      await sql`update users set time_zone = 'America/Havana' where id = ${userId}`
      const now = momentOf('2024-11-05T12:00:00Z')
      const model = await newTimer(sql, momentOf('2024-11-01T12:00:00Z'))
      await play(sql, model, { kind: 'insert', ago: [now - momentOf('2024-11-03T04:30:00Z')] }, now)
      expect((await findStats(sql, model.timerId, textOf(now)))?.incident_free_days).toEqual({ d30: 4, d90: 4, d365: 4 })
    })
  })

  test('of a timer that is gone are null', async () => {
    expect(await findStats(harness.sql, '00000000-0000-7000-8000-000000000000')).toBeNull()
  })
})

describe('a preview', () => {
  test('of any reset in any history is what saving it then gives', async () => {
    const now = Date.now() * 1000 - DAY
    const history = fc.record({ started: ago, steps: fc.array(step, { maxLength: 6 }), reset: ago })
    await fc.assert(
      fc.asyncProperty(history, async ({ started, steps, reset }) => {
        const model = await newTimer(harness.sql, now - started)
        for (const one of steps) await play(harness.sql, model, one, now)
        const timer = { userId, timerId: model.timerId }
        const preview = await previewStats(harness.sql, timer, textOf(now - reset))
        expect(await readRuns(harness.sql, model.timerId)).toHaveLength(completedRuns(model.startedAt, model.incidents).length)
        await insertIncident(harness.sql, timer, { occurredAt: textOf(now - reset), notes: null })
        const saved = await findStats(harness.sql, model.timerId)
        await harness.sql`delete from timers where id = ${model.timerId}`
        if (preview === null || preview === 'in-future' || saved === null) throw new Error('there is no such timer')
        // Time goes on between the two, for the current run alone.
        const late = saved.current_run_seconds - preview.current_run_seconds
        expect(late).toBeLessThan(60)
        const record = (saved.record_seconds ?? 0) - (saved.record_is_current ? late : 0)
        expect({ ...saved, current_run_seconds: saved.current_run_seconds - late, record_seconds: record }).toEqual(preview)
      }),
      { numRuns: propertyRuns(40) },
    )
  })
})

describe('the runs', () => {
  test('are the same after many rows at once, after few, and when all are computed anew', async () => {
    await withoutTrace(async (sql) => {
      const now = momentOf('2025-06-15T12:00:00Z')
      const model = await newTimer(sql, now - 3 * DAY)
      const other = await newTimer(sql, now - 3 * DAY)
      const check = async () => {
        for (const one of [model, other]) expect([...(await readRuns(sql, one.timerId))]).toEqual(expectedRuns(one))
      }
      const many = (number: number, each: number) => Array.from({ length: number }, (_, n) => (n * each) % (9 * DAY))
      await play(sql, model, { kind: 'insert', ago: many(300, 7 * HOUR) }, now)
      await play(sql, other, { kind: 'insert', ago: [0, HOUR] }, now)
      await check()
      await play(sql, model, { kind: 'insert', ago: many(50, HOUR) }, now)
      await check()
      await play(sql, model, { kind: 'shift all', by: DAY }, now)
      await check()
      // One statement over two timers, of one many rows and of the other few.
      const gone = [...model.incidents.splice(0, 200), ...other.incidents.splice(0, 1)].map(({ id }) => id)
      await sql`update incidents set undone_at = now() where id = any(${gone}::uuid[])`
      await check()
      await sql`update incidents set undone_at = null where id = any(${gone.slice(0, 3)}::uuid[])`
      const back = await sql<{ id: string; occurred_at: string }[]>`
        select id, occurred_at from incidents where id = any(${gone.slice(0, 3)}::uuid[])
      `
      model.incidents.push(...back.map(({ id, occurred_at }) => ({ id, at: momentOf(occurred_at) })))
      await check()
      await sql`select rebuild_incident_runs(${[model.timerId, other.timerId]}::uuid[])`
      await check()
      const removed = model.incidents.splice(0, 120).map(({ id }) => id)
      await sql`delete from incidents where id = any(${removed}::uuid[])`
      await check()
    })
  })

  test('would be found out if they were not kept: the control', async () => {
    await expect(
      harness.owner.begin(async (sql) => {
        await sql`alter table incidents disable trigger user`
        const model = await newTimer(sql as unknown as Sql, momentOf('2025-01-01T00:00:00Z'))
        await sql`insert into incidents (timer_id, occurred_at) values (${model.timerId}, '2025-02-01T00:00:00Z')`
        model.incidents.push({ id: 'unknown', at: momentOf('2025-02-01T00:00:00Z') })
        expect([...(await readRuns(sql as unknown as Sql, model.timerId))]).toEqual(expectedRuns(model))
      }),
    ).rejects.toThrow('deeply equal')
  })

  test('of changes at the same moment are right: each sees what the others have done', async () => {
    const model = await newTimer(harness.sql, momentOf('2025-01-01T00:00:00Z'))
    const insert = async (n: number) => {
      await harness.sql`insert into incidents (timer_id, occurred_at) values (${model.timerId}, ${textOf(momentOf('2025-02-01T00:00:00Z') + n * HOUR)})`
    }
    await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => insert(n)),
      harness.sql`update timers set started_at = '2025-01-15T00:00:00Z' where id = ${model.timerId}`,
    ])
    model.startedAt = momentOf('2025-01-15T00:00:00Z')
    const rows = await harness.sql<{ id: string; occurred_at: string }[]>`
      select id, occurred_at from incidents where timer_id = ${model.timerId}
    `
    model.incidents = rows.map(({ id, occurred_at }) => ({ id, at: momentOf(occurred_at) }))
    expect(model.incidents).toHaveLength(20)
    expect([...(await readRuns(harness.sql, model.timerId))]).toEqual(expectedRuns(model))
    await harness.sql`delete from timers where id = ${model.timerId}`
    expect(await readRuns(harness.sql, model.timerId)).toHaveLength(0)
  })

  test('leave an incident’s updated_at alone', async () => {
    await withoutTrace(async (sql) => {
      const now = momentOf('2025-06-15T12:00:00Z')
      const model = await newTimer(sql, now - 3 * DAY)
      await play(sql, model, { kind: 'insert', ago: [0, HOUR] }, now)
      const read = async () => [
        ...(await sql`select id, updated_at::text from incidents where timer_id = ${model.timerId} order by id`),
      ]
      const before = await read()
      await play(sql, model, { kind: 'start', ago: 5 * DAY }, now)
      await sql`insert into incidents (timer_id, occurred_at) values (${model.timerId}, '2025-06-15T11:30:00Z')`
      expect(await read()).toEqual(expect.arrayContaining(before))
    })
  })
})
