import type { TimerEntry, TimerList } from '@kennwilliamson/contracts/timers'
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

async function newOwner() {
  const { token, user } = await harness.register()
  return { token, user, call: (method: string, path: string, body?: unknown) => harness.call(method, path, { token, body }) }
}

async function reset(owner: { token: string }, body?: object): Promise<TimerEntry> {
  const answer = await harness.call('POST', '/incident-timers', { token: owner.token, body })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}

async function revisions(incidentId: string) {
  return await harness.owner`
    select action, notes_before, notes_after, occurred_at_before, occurred_at_after
    from incident_revisions where incident_id = ${incidentId} order by id
  `
}

async function timerRevision(userId: string): Promise<number> {
  const [row] = await harness.owner`select revision::int from timers where user_id = ${userId}`
  return row?.revision as number
}

describe('GET /timers', () => {
  test('a new user has one timer that runs since its creation', async () => {
    const owner = await newOwner()
    const { timers, time_zone, server_time } = (await owner.call('GET', '/timers')).body as TimerList
    expect(timers).toHaveLength(1)
    expect(timers[0]).toMatchObject({ slug: 'incident-timer', is_default: true, share_level: 'count', archived_at: null })
    expect(timers[0]?.current).toEqual({ incident_id: null, since: timers[0]?.started_at })
    expect(time_zone).toBe('UTC')
    expect(Math.abs(Date.parse(server_time) - Date.now())).toBeLessThan(5_000)
  })

  test('the current run starts at the incident that happened last, not the one written last', async () => {
    const owner = await newOwner()
    const newest = await reset(owner, { reset_timestamp: '2026-03-01T10:00:00Z' })
    await reset(owner, { reset_timestamp: '2026-02-01T10:00:00Z' })
    const { timers } = (await owner.call('GET', '/timers')).body as TimerList
    expect(timers[0]?.current).toEqual({ incident_id: newest.id, since: '2026-03-01T10:00:00Z' })
  })
})

describe('GET /incident-timers', () => {
  test('is a bare array, newest first, of the own incidents only', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    await reset(other)
    const older = await reset(owner, { reset_timestamp: '2026-01-01T00:00:00Z', notes: 'first' })
    const newer = await reset(owner, { reset_timestamp: '2026-01-02T00:00:00+02:00' })
    const answer = await owner.call('GET', '/incident-timers')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual([newer, older])
  })

  test('a GET that carries a content type is accepted', async () => {
    const { token } = await newOwner()
    const answer = await harness.call('GET', '/incident-timers', { token, headers: { 'content-type': 'application/json' } })
    expect(answer.status).toBe(200)
  })

  test('is capped at the newest 1,000', async () => {
    const owner = await newOwner()
    await harness.owner`
      insert into incidents (timer_id, occurred_at)
      select t.id, now() - n * interval '1 hour' from timers t, generate_series(1, 1005) n where t.user_id = ${owner.user.id}
    `
    const list = (await owner.call('GET', '/incident-timers')).body as TimerEntry[]
    expect(list).toHaveLength(1000)
    expect(Date.now() - Date.parse(list[0]?.reset_timestamp ?? '')).toBeLessThan(2 * 3_600_000)
  })
})

describe('POST /incident-timers', () => {
  test('without a body and a content type it happened now', async () => {
    const { token, user } = await newOwner()
    const before = await timerRevision(user.id)
    const answer = await harness.call('POST', '/incident-timers', { token })
    expect(answer.status).toBe(201)
    const entry = answer.body as TimerEntry
    expect(entry.notes).toBeNull()
    expect(Math.abs(Date.parse(entry.reset_timestamp) - Date.now())).toBeLessThan(5_000)
    expect(await timerRevision(user.id)).toBe(before + 1)
  })

  test('an empty JSON body is no body', async () => {
    const { token } = await newOwner()
    const answer = await harness.call('POST', '/incident-timers', { token, headers: { 'content-type': 'application/json' } })
    expect(answer.status).toBe(201)
  })

  test('keeps microseconds and any offset, and answers in UTC', async () => {
    const owner = await newOwner()
    const entry = await reset(owner, { reset_timestamp: '2026-07-05T15:58:04.123456+02:00' })
    expect(entry.reset_timestamp).toBe('2026-07-05T13:58:04.123456Z')
  })

  test('keeps a note of 2,000 characters, counted as people count, byte for byte', async () => {
    const owner = await newOwner()
    const notes = '🙂'.repeat(1999) + '\u202e'
    expect((await reset(owner, { notes })).notes).toBe(notes)
    expect((await reset(owner, { notes: '' })).notes).toBeNull()
    expect((await reset(owner, { notes: null })).notes).toBeNull()
  })

  test('ignores unknown keys, also dangerous ones', async () => {
    const owner = await newOwner()
    const body = JSON.parse('{"notes":"x","user_id":"1","__proto__":{"admin":true},"constructor":{"prototype":{}}}') as object
    expect((await reset(owner, body)).notes).toBe('x')
  })

  test('a clock up to two minutes ahead counts as now', async () => {
    const owner = await newOwner()
    const entry = await reset(owner, { reset_timestamp: new Date(Date.now() + 110_000).toISOString() })
    expect(Date.parse(entry.reset_timestamp)).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  test('a time further ahead is refused, by the API and by the database', async () => {
    const owner = await newOwner()
    const body = { reset_timestamp: new Date(Date.now() + 180_000).toISOString() }
    expectProblem(await owner.call('POST', '/incident-timers', body), 400, 'INCIDENT_IN_FUTURE')
    const past = harness.owner`
      insert into incidents (timer_id, occurred_at) select id, now() + interval '1 minute' from timers where user_id = ${owner.user.id}
    `
    await expect(past).rejects.toMatchObject({ constraint_name: 'incidents_occurred_at_not_future' })
  })

  test.each([
    ['a wrong time', { reset_timestamp: 'yesterday' }],
    ['a day that does not exist', { reset_timestamp: '2026-02-30T00:00:00Z' }],
    ['a time without an offset', { reset_timestamp: '2026-01-01T00:00:00' }],
    ['the year 0', { reset_timestamp: '0000-01-01T00:00:00Z' }],
    ['an offset no place has', { reset_timestamp: '2026-01-01T00:00:00+23:00' }],
    ['a number as a time', '{"reset_timestamp":1e309}'],
    ['2,001 characters', { notes: 'x'.repeat(2001) }],
    ['a NUL', { notes: 'a\0b' }],
    ['half a surrogate pair', { notes: '\ud800' }],
    ['an array as a note', { notes: ['x'] }],
    ['an array', []],
    ['a string', '"x"'],
  ])('%s is refused with 400', async (_what, body) => {
    const { token } = await newOwner()
    const headers = { 'content-type': 'application/json' }
    const answer = await harness.call('POST', '/incident-timers', { token, body, headers })
    expectProblem(answer, 400, 'INVALID_INPUT')
  })

  test('malformed JSON, another content type and a body that is too large are told apart', async () => {
    const { token } = await newOwner()
    const post = (body: string, type: string) =>
      harness.call('POST', '/incident-timers', { token, body, headers: { 'content-type': type } })
    expectProblem(await post('{', 'application/json'), 400, 'MALFORMED_REQUEST')
    expectProblem(await post('{}', 'text/plain'), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectProblem(await post('{}', 'application/json; charset=utf-16'), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectProblem(await post('{}', 'multipart/form-data; boundary=x'), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectProblem(await post(JSON.stringify({ notes: 'x'.repeat(70_000) }), 'application/json'), 413, 'BODY_TOO_LARGE')
    expect((await post('{"notes":"ü"}', 'application/json; charset=UTF-8')).status).toBe(201)
  })

  describe('with an Idempotency-Key', () => {
    async function post(token: string, key: string, body: object) {
      return await harness.call('POST', '/incident-timers', { token, body, headers: { 'idempotency-key': key } })
    }

    test('five parallel retries make one incident and get one answer', async () => {
      const owner = await newOwner()
      const key = randomUUID()
      const answers = await Promise.all(Array.from({ length: 5 }, () => post(owner.token, key, { notes: 'once' })))
      expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201])
      expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
      expect((await owner.call('GET', '/incident-timers')).body).toHaveLength(1)
    })

    test('another body is a conflict; another user or another key is another request', async () => {
      const [owner, other] = [await newOwner(), await newOwner()]
      const first = await post(owner.token, 'key', { notes: 'a' })
      expectProblem(await post(owner.token, 'key', { notes: 'b' }), 409, 'IDEMPOTENCY_KEY_REUSED')
      for (const answer of [await post(other.token, 'key', { notes: 'a' }), await post(owner.token, 'key2', { notes: 'a' })]) {
        expect(answer.status).toBe(201)
        expect(answer.text).not.toBe(first.text)
      }
    })

    test('a refused request leaves the key free', async () => {
      const owner = await newOwner()
      const future = { reset_timestamp: new Date(Date.now() + 600_000).toISOString() }
      expectProblem(await post(owner.token, 'again', future), 400, 'INCIDENT_IN_FUTURE')
      expect((await post(owner.token, 'again', {})).status).toBe(201)
    })

    test('after a day the key is free again', async () => {
      const owner = await newOwner()
      const first = await post(owner.token, 'daily', {})
      await harness.owner`update idempotency_keys set created_at = created_at - interval '25 hours'`
      expect((await post(owner.token, 'daily', {})).text).not.toBe(first.text)
    })

    test.each(['', 'ü', 'x'.repeat(256)])('a malformed key is refused', async (key) => {
      const owner = await newOwner()
      const answer = await post(owner.token, key, {})
      expectProblem(answer, 400, 'INVALID_INPUT')
    })
  })
})

describe('PUT /incident-timers/{id}', () => {
  test('an absent key keeps what is there, null or "" clears a note, each change leaves a revision', async () => {
    const owner = await newOwner()
    const entry = await reset(owner, { reset_timestamp: '2026-01-01T00:00:00.000001Z', notes: 'before' })
    const put = async (body?: object) => (await owner.call('PUT', `/incident-timers/${entry.id}`, body)).body as TimerEntry
    expect(await put({ reset_timestamp: '2026-01-02T00:00:00Z' })).toMatchObject({
      id: entry.id,
      reset_timestamp: '2026-01-02T00:00:00Z',
      notes: 'before',
      created_at: entry.created_at,
    })
    expect(await put({ notes: 'after' })).toMatchObject({ reset_timestamp: '2026-01-02T00:00:00Z', notes: 'after' })
    expect(await put({ notes: '' })).toMatchObject({ notes: null })
    await put({ notes: 'again' })
    expect(await put({ notes: null })).toMatchObject({ notes: null })
    expect(await revisions(entry.id)).toMatchObject([
      { action: 'edited', notes_before: 'before', notes_after: 'before' },
      { notes_before: 'before', notes_after: 'after' },
      { notes_before: 'after', notes_after: null },
      { notes_before: null, notes_after: 'again' },
      { notes_before: 'again', notes_after: null },
    ])
    const [before, shown] = [(await owner.call('GET', '/incident-timers')).text, await timerRevision(owner.user.id)]
    for (const nothing of [undefined, {}, { notes: null }, { notes: '' }, { reset_timestamp: '2026-01-02T00:00:00Z' }])
      await put(nothing)
    expect((await owner.call('GET', '/incident-timers')).text).toBe(before)
    expect(await timerRevision(owner.user.id)).toBe(shown)
    expect(await revisions(entry.id)).toHaveLength(5)
  })

  test('a time in the future is refused and changes nothing', async () => {
    const owner = await newOwner()
    const entry = await reset(owner, { notes: 'stays' })
    const body = { reset_timestamp: new Date(Date.now() + 600_000).toISOString(), notes: 'x' }
    expectProblem(await owner.call('PUT', `/incident-timers/${entry.id}`, body), 400, 'INCIDENT_IN_FUTURE')
    expect((await owner.call('GET', '/incident-timers')).body).toEqual([entry])
    expect(await revisions(entry.id)).toEqual([])
  })

  test('unknown, malformed and somebody else’s id are one and the same 404', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    const entry = await reset(other)
    for (const id of [entry.id, randomUUID()]) {
      expectProblem(await owner.call('PUT', `/incident-timers/${id}`, { notes: 'x' }), 404, 'TIMER_NOT_FOUND')
    }
    for (const id of ['1', 'x%00y', '%27or%201=1', entry.id.toUpperCase()]) {
      const answer = await owner.call('PUT', `/incident-timers/${id}`, { notes: 'x' })
      expectProblem(answer, 404, 'TIMER_NOT_FOUND')
      expectProblem(await owner.call('DELETE', `/incident-timers/${id}`), 404, 'TIMER_NOT_FOUND')
    }
  })
})

describe('DELETE /incident-timers/{id}', () => {
  test('deletes once, leaves a revision, and the run before it goes on', async () => {
    const owner = await newOwner()
    const older = await reset(owner, { reset_timestamp: '2026-01-01T00:00:00Z' })
    const slip = await reset(owner, { notes: 'a slip' })
    const answer = await owner.call('DELETE', `/incident-timers/${slip.id}`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expectProblem(await owner.call('DELETE', `/incident-timers/${slip.id}`), 404, 'TIMER_NOT_FOUND')
    expect(await revisions(slip.id)).toMatchObject([{ action: 'deleted', notes_before: 'a slip', occurred_at_after: null }])
    const { timers } = (await owner.call('GET', '/timers')).body as TimerList
    expect(timers[0]?.current.incident_id).toBe(older.id)
  })

  test('somebody else’s incident is not found and stays', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    const entry = await reset(other)
    expectProblem(await owner.call('DELETE', `/incident-timers/${entry.id}`), 404, 'TIMER_NOT_FOUND')
    expect((await other.call('GET', '/incident-timers')).body).toEqual([entry])
  })
})

describe('the tables', () => {
  test('raise the revision once a statement, however many incidents it writes, and only of the timers it touches', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    const [before, untouched] = [await timerRevision(owner.user.id), await timerRevision(other.user.id)]
    await harness.owner`
      insert into incidents (timer_id, occurred_at)
      select t.id, now() - n * interval '1 minute' from timers t, generate_series(1, 1000) n where t.user_id = ${owner.user.id}
    `
    await harness.owner`update incidents set notes = 'x' where timer_id = (select id from timers where user_id = ${owner.user.id})`
    await harness.owner`delete from incidents where timer_id = (select id from timers where user_id = ${owner.user.id})`
    expect(await timerRevision(owner.user.id)).toBe(before + 3)
    expect(await timerRevision(other.user.id)).toBe(untouched)
  })

  test('store no time that the API could not say, and no start in the future', async () => {
    const { user } = await newOwner()
    for (const time of ['-infinity', 'infinity', '0999-12-31T23:59:59Z', '9999-01-01T00:00:00Z']) {
      const insert = harness.owner`insert into incidents (timer_id, occurred_at) select id, ${time}::text::timestamptz from timers where user_id = ${user.id}`
      await expect(insert, time).rejects.toMatchObject({ code: '23514' })
      await expect(
        harness.owner`update timers set started_at = ${time}::text::timestamptz where user_id = ${user.id}`,
        time,
      ).rejects.toMatchObject({ code: '23514' })
    }
    await expect(
      harness.owner`update timers set started_at = now() + interval '1 minute' where user_id = ${user.id}`,
    ).rejects.toMatchObject({
      constraint_name: 'timers_started_at_not_future',
    })
  })
})

test('a token that outlived its user is no token', async () => {
  const { token, user } = await newOwner()
  await harness.owner`delete from users where id = ${user.id}`
  for (const headers of [{}, { 'idempotency-key': 'x' }]) {
    expectProblem(await harness.call('POST', '/incident-timers', { token, headers: headers }), 401, 'UNAUTHENTICATED')
  }
})

test('every route of the feature asks who you are', async () => {
  const id = randomUUID()
  for (const [method, path] of [
    ['GET', '/timers'],
    ['GET', '/incident-timers'],
    ['POST', '/incident-timers'],
    ['PUT', `/incident-timers/${id}`],
    ['DELETE', `/incident-timers/${id}`],
  ] as const) {
    expectProblem(await harness.call(method, path), 401, 'UNAUTHENTICATED')
  }
})
