import type { Charts, Incident, IncidentList, Stats } from '@kennwilliamson/contracts/incidents'
import { UNDO_SECONDS } from '@kennwilliamson/contracts/limits'
import { MAX_INCIDENTS, type Timer } from '@kennwilliamson/contracts/timers'
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

async function newTimer(body: object = {}) {
  const { token, user } = await harness.register()
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    harness.call(method, path, { token, body, headers })
  const made = await call('POST', '/timers', { title: 'Tea', started_at: '2026-01-01T00:00:00Z', ...body })
  const { id } = made.body as Timer
  const at = `/timers/${id}`
  const reset = async (body?: object) => {
    const answer = await call('POST', `${at}/incidents`, body)
    expect(answer.status, answer.text).toBe(201)
    return answer.body as Incident
  }
  const list = async (query = '') => (await call('GET', `${at}/incidents${query}`)).body as IncidentList
  const stats = async () => (await call('GET', `${at}/stats`)).body as Stats
  const revision = async () => (await harness.owner`select revision::int from timers where id = ${id}`)[0]?.['revision'] as number
  return { id, at, token, user, call, reset, list, stats, revision }
}

const revisionsOf = async (incidentId: string) =>
  (await harness.owner`select action from incident_revisions where incident_id = ${incidentId} order by id`).map(
    (row) => row['action'] as string,
  )

describe('POST /timers/{id}/incidents', () => {
  test('without a body it happened now, and the timer runs from there', async () => {
    const timer = await newTimer()
    const answer = await harness.call('POST', `${timer.at}/incidents`, { token: timer.token })
    const incident = answer.body as Incident
    expect([answer.status, answer.headers['etag']]).toEqual([201, `"${incident.updated_at}"`])
    expect(incident).toMatchObject({ notes: null, corrected_at: null })
    expect((await timer.call('GET', timer.at)).body).toMatchObject({
      current: { incident_id: incident.id, since: incident.occurred_at },
    })
  })

  test.each([
    ['a wrong time', { occurred_at: 'yesterday' }, 'INVALID_INPUT'],
    ['2,001 characters', { notes: 'x'.repeat(2001) }, 'INVALID_INPUT'],
    ['a NUL', { notes: 'a\0b' }, 'INVALID_INPUT'],
    ['a time in the future', { occurred_at: '9998-01-01T00:00:00Z' }, 'INCIDENT_IN_FUTURE'],
  ] as const)('%s is refused, also by the preview where it has it', async (_what, body, code) => {
    const timer = await newTimer()
    expectProblem(await timer.call('POST', `${timer.at}/incidents`, body), 400, code)
    if ('occurred_at' in body) expectProblem(await timer.call('POST', `${timer.at}/incidents/preview`, body), 400, code)
    expect((await timer.list()).incidents).toEqual([])
  })

  test('five parallel retries with a key make one, and the key of another timer is another key', async () => {
    const timer = await newTimer()
    const other = (await timer.call('POST', '/timers', { title: 'Other' })).body as Timer
    const headers = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => timer.call('POST', `${timer.at}/incidents`, { notes: 'once' }, headers)),
    )
    expect(new Set(answers.map(({ status, text, headers }) => `${status} ${text} ${String(headers['etag'])}`)).size).toBe(1)
    expect((await timer.list()).incidents).toHaveLength(1)
    const elsewhere = await timer.call('POST', `/timers/${other.id}/incidents`, { notes: 'once' }, headers)
    expect(elsewhere.text).not.toBe(answers[0]?.text)
  })

  test('there are at most 100,000, those undone not counted', async () => {
    const timer = await newTimer()
    const last = await timer.reset()
    await harness.owner`update timers set incident_count = ${MAX_INCIDENTS} where id = ${timer.id}`
    for (const path of ['', '/preview'])
      expectProblem(await timer.call('POST', `${timer.at}/incidents${path}`), 409, 'TOO_MANY_INCIDENTS')
    const headers = { 'idempotency-key': 'x' }
    expectProblem(await timer.call('POST', `${timer.at}/incidents`, {}, headers), 409, 'TOO_MANY_INCIDENTS')
    expect((await timer.list()).incidents).toEqual([last])
    // A full timer can be changed, and what is undone makes room.
    expect((await timer.call('PATCH', `${timer.at}/incidents/${last.id}`, { notes: 'x' })).status).toBe(200)
    expect((await timer.call('POST', `${timer.at}/incidents/${last.id}/undo`)).status).toBe(200)
    const made = await Promise.all([1, 2].map(() => timer.call('POST', `${timer.at}/incidents`)))
    expect(made.map(({ status }) => status).toSorted()).toEqual([201, 409])
  })

  test('the core says so of the default timer too', async () => {
    const { token, user } = await harness.register()
    await harness.owner`update timers set incident_count = ${MAX_INCIDENTS} where user_id = ${user.id}`
    expectProblem(await harness.call('POST', '/incident-timers', { token }), 409, 'TOO_MANY_INCIDENTS')
  })
})

describe('GET /timers/{id}/incidents', () => {
  test('pages newest first, each incident once, also among equal times and while others are added', async () => {
    const timer = await newTimer()
    await harness.owner`
      insert into incidents (timer_id, occurred_at)
      select ${timer.id}, timestamptz '2026-03-01Z' + (n / 3) * interval '1 microsecond' from generate_series(1, 25) n
    `
    const seen: Incident[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: IncidentList = await timer.list(`?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(page.incidents.length).toBeLessThanOrEqual(4)
      seen.push(...page.incidents)
      cursor = page.next_cursor
      await timer.reset()
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(25)
    const keys = seen.map(({ occurred_at, id }) => `${occurred_at.replace('Z', '').padEnd(26, '.000000')} ${id}`)
    expect(keys).toEqual(keys.toSorted().toReversed())
  })

  test('finds notes whatever the case, and takes no character for another', async () => {
    const timer = await newTimer()
    for (const notes of ['100 % sure', '100 x sure', 'a_b', 'axb', 'back\\slash', 'ÄRGER in Zürich', null, "it's"])
      await timer.reset({ notes })
    const find = async (q: string) =>
      (await timer.list(`?q=${encodeURIComponent(q)}`)).incidents.map(({ notes }) => notes).toSorted()
    expect(await find('100 %')).toEqual(['100 % sure'])
    expect(await find('_')).toEqual(['a_b'])
    expect(await find('\\')).toEqual(['back\\slash'])
    expect(await find('ärger IN zÜ')).toEqual(['ÄRGER in Zürich'])
    expect(await find("'")).toEqual(["it's"])
    expect(await find('.*')).toEqual([])
    expect((await timer.list('?q=')).incidents).toHaveLength(8)
    const page = await timer.list('?q=sure&limit=1')
    expect((await timer.list(`?q=sure&limit=1&cursor=${page.next_cursor}`)).next_cursor).toBeNull()
  })

  test.each(['limit=0', 'limit=101', 'limit=1e1', 'cursor=x', 'cursor=', `q=${'x'.repeat(201)}`, 'q=%00', 'q=a&q=b'])(
    '%s is refused',
    async (query) => {
      const timer = await newTimer()
      expectProblem(await timer.call('GET', `${timer.at}/incidents?${query}`), 400, 'INVALID_INPUT')
    },
  )

  test('a cursor of a time that no calendar has is refused', async () => {
    const timer = await newTimer()
    const cursor = Buffer.from(JSON.stringify(['2026-02-31T99:00:00Z', randomUUID()])).toString('base64url')
    expect((await timer.call('GET', `${timer.at}/incidents?cursor=${cursor}`)).status).toBe(400)
  })
})

describe('PATCH /timers/{id}/incidents/{incident_id}', () => {
  test('changes what is given; the public mark comes and goes; what changes nothing leaves no trace', async () => {
    const timer = await newTimer()
    const incident = await timer.reset({ occurred_at: '2026-02-01T00:00:00.000001Z', notes: 'before' })
    const patch = async (body?: object) =>
      (await timer.call('PATCH', `${timer.at}/incidents/${incident.id}`, body)).body as Incident
    let revision = await timer.revision()
    expect(await patch({ notes: '' })).toMatchObject({ notes: null, occurred_at: incident.occurred_at, corrected_at: null })
    expect(await patch({ occurred_at: '2026-02-02T00:00:00Z', corrected: true })).toMatchObject({
      occurred_at: '2026-02-02T00:00:00Z',
      corrected_at: expect.any(String) as string,
    })
    expect(await patch({ corrected: false })).toMatchObject({ corrected_at: null })
    const marked = await patch({ corrected: true })
    expect(marked.corrected_at).not.toBeNull()
    revision += 4
    expect(await timer.revision()).toBe(revision)
    for (const nothing of [
      undefined,
      {},
      { notes: null },
      { corrected: true },
      { corrected: null },
      { occurred_at: '2026-02-02T00:00:00Z' },
    ])
      expect(await patch(nothing)).toEqual(marked)
    expect(await timer.revision()).toBe(revision)
    expect(await revisionsOf(incident.id)).toEqual(['edited', 'edited', 'edited', 'edited'])
    expect(await patch({ notes: 'after', corrected: true })).not.toMatchObject({ corrected_at: marked.corrected_at })
  })

  test('of two browsers that saw the same, the second is told so, and nothing of its change is kept', async () => {
    const timer = await newTimer()
    const incident = await timer.reset({ notes: 'x' })
    const at = `${timer.at}/incidents/${incident.id}`
    const headers = { 'if-match': `"${incident.updated_at}"` }
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((notes) => timer.call('PATCH', at, { notes }, headers)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412])
    const won = answers.find(({ status }) => status === 200) as CallResult
    expect((await timer.list()).incidents).toEqual([won.body])
    expect(await revisionsOf(incident.id)).toEqual(['edited'])
    expectProblem(await timer.call('DELETE', at, undefined, headers), 412, 'STALE')
    expectProblem(await timer.call('PATCH', at, { notes: 'x' }, { 'if-match': '"nonsense"' }), 412, 'STALE')
    expect((await timer.call('DELETE', at, undefined, { 'if-match': String(won.headers['etag']) })).status).toBe(204)
    expect(await revisionsOf(incident.id)).toEqual(['edited', 'deleted'])
  })

  test('an incident of another timer, of another user, or of none is not there', async () => {
    const [timer, other] = [await newTimer(), await newTimer()]
    const mine = ((await timer.call('POST', '/incident-timers')).body as Incident).id
    const theirs = (await other.reset()).id
    for (const id of [mine, theirs, randomUUID(), 'x', '1%00']) {
      const at = `${timer.at}/incidents/${id}`
      expectProblem(await timer.call('PATCH', at, { notes: 'x' }), 404, 'INCIDENT_NOT_FOUND')
      expectProblem(await timer.call('DELETE', at), 404, 'INCIDENT_NOT_FOUND')
      expectProblem(await timer.call('POST', `${at}/undo`), 404, 'INCIDENT_NOT_FOUND')
    }
    expectProblem(await timer.call('PATCH', `${other.at}/incidents/${theirs}`, { notes: 'x' }), 404, 'TIMER_NOT_FOUND')
  })
})

describe('POST /timers/{id}/incidents/{incident_id}/undo', () => {
  test('takes a reset back once, and a retry of the reset does not bring it back', async () => {
    const timer = await newTimer()
    const older = await timer.reset({ occurred_at: '2026-02-01T00:00:00Z' })
    const headers = { 'idempotency-key': 'reset' }
    const before = (await timer.call('GET', timer.at)).body as Timer
    const slip = (await timer.call('POST', `${timer.at}/incidents`, {}, headers)).body as Incident
    const revision = await timer.revision()
    const answers = await Promise.all([1, 2, 3].map(() => timer.call('POST', `${timer.at}/incidents/${slip.id}/undo`)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
    const undone = answers.find(({ status }) => status === 200)?.body as unknown as Timer
    expect(undone).toEqual({ ...before, updated_at: undone.updated_at })
    expect(await timer.revision()).toBe(revision + 1)
    expectProblem(await timer.call('POST', `${timer.at}/incidents/${slip.id}/undo`), 409, 'UNDO_EXPIRED')
    expect((await timer.call('POST', `${timer.at}/incidents`, {}, headers)).body).toEqual(slip)
    expect((await timer.list()).incidents).toEqual([older])
    expect(await revisionsOf(slip.id)).toEqual(['undone'])
    expectProblem(await timer.call('PATCH', `${timer.at}/incidents/${slip.id}`, { notes: 'x' }), 404, 'INCIDENT_NOT_FOUND')
    expectProblem(await timer.call('DELETE', `${timer.at}/incidents/${slip.id}`), 404, 'INCIDENT_NOT_FOUND')
  })

  test('is too late ten minutes after it was written down, whenever it happened', async () => {
    const timer = await newTimer()
    const incident = await timer.reset({ occurred_at: '2026-02-01T00:00:00Z' })
    const at = `${timer.at}/incidents/${incident.id}/undo`
    const age = async (seconds: number) => {
      await harness.owner`update incidents set created_at = now() - make_interval(secs => ${seconds}) where id = ${incident.id}`
    }
    await age(UNDO_SECONDS + 1)
    expectProblem(await timer.call('POST', at), 409, 'UNDO_EXPIRED')
    await age(UNDO_SECONDS - 10)
    expect((await timer.call('POST', at)).status).toBe(200)
  })
})

describe('POST /timers/{id}/incidents/preview', () => {
  test('says what saving then gives, and saves nothing', async () => {
    for (const occurred_at of [
      '2026-01-20T00:00:00Z',
      '2025-12-01T00:00:00Z',
      '2026-02-15T12:00:00Z',
      new Date().toISOString(),
    ]) {
      const timer = await newTimer()
      for (const time of ['2026-01-10T00:00:00Z', '2026-02-01T00:00:00Z', '2026-02-15T12:00:00Z'])
        await timer.reset({ occurred_at: time })
      const before = [await timer.list(), await timer.revision(), (await timer.call('GET', timer.at)).text]
      const preview = (await timer.call('POST', `${timer.at}/incidents/preview`, { occurred_at })).body as Stats
      expect([await timer.list(), await timer.revision(), (await timer.call('GET', timer.at)).text]).toEqual(before)
      await timer.reset({ occurred_at })
      const saved = await timer.stats()
      // Time goes on between the two.
      const late = saved.current_run_seconds - preview.current_run_seconds
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThan(5)
      const isCurrent = saved.record_is_current
      expect({
        ...saved,
        current_run_seconds: saved.current_run_seconds - late,
        record_seconds: (saved.record_seconds ?? 0) - (isCurrent ? late : 0),
      }).toEqual(preview)
    }
  })

  test('without a time, or a body, it is now', async () => {
    const timer = await newTimer()
    const answer = await harness.call('POST', `${timer.at}/incidents/preview`, { token: timer.token })
    expect(answer.body).toMatchObject({ current_run_seconds: 0, record_is_current: false, completed_runs: 1 })
  })
})

describe('GET /timers/{id}/stats and /charts', () => {
  test('a new timer has one run, which is its record', async () => {
    const timer = await newTimer({ started_at: new Date().toISOString() })
    const stats = await timer.stats()
    expect(stats).toMatchObject({ record_is_current: true, completed_runs: 0, average_run_seconds: null })
    expect(stats.record_seconds).toBe(stats.current_run_seconds)
    expect(stats.incident_free_days).toEqual({ d30: 1, d90: 1, d365: 1 })
    const charts = (await timer.call('GET', `${timer.at}/charts`)).body as Charts
    expect(charts).toMatchObject({ counted_from: charts.last_day, days: [], runs: [] })
  })

  test('days are those of the owner’s calendar, runs the newest 50, oldest first', async () => {
    const timer = await newTimer({ started_at: '2020-01-01T00:00:00Z' })
    await harness.owner`update users set time_zone = 'Pacific/Kiritimati' where id = ${timer.user.id}`
    await harness.owner`
      insert into incidents (timer_id, occurred_at) select ${timer.id}, now() - n * interval '12 hours' from generate_series(0, 59) n
    `
    const charts = (await timer.call('GET', `${timer.at}/charts`)).body as Charts
    const dayOf = (time: string) => Temporal.Instant.from(time).toZonedDateTimeISO('Pacific/Kiritimati').toPlainDate().toString()
    expect(charts.last_day).toBe(dayOf(charts.server_time))
    expect(charts.first_day).toBe(Temporal.PlainDate.from(charts.last_day).subtract({ days: 364 }).toString())
    expect(charts.counted_from).toBe(charts.first_day)
    const counted = Map.groupBy((await timer.list('?limit=100')).incidents, ({ occurred_at }) => dayOf(occurred_at))
    expect(charts.days).toEqual(
      [...counted].map(([day, incidents]) => ({ day, incidents: incidents.length })).toSorted((a, b) => (a.day < b.day ? -1 : 1)),
    )
    expect(charts.runs).toHaveLength(50)
    expect(charts.runs.every(({ seconds }) => seconds === 12 * 3600)).toBe(true)
    expect(charts.runs.map(({ to }) => to)).toEqual(charts.runs.map(({ to }) => to).toSorted())
  })
})
