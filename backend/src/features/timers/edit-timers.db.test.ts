import type { Timer, TimerList } from '@kennwilliamson/contracts/timers'
import { MAX_TIMERS } from '@kennwilliamson/contracts/timers'
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

async function newOwner() {
  const { token, user } = await harness.register()
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    harness.call(method, path, { token, body, headers })
  const list = async () => ((await call('GET', '/timers')).body as TimerList).timers
  const make = async (body: object) => {
    const answer = await call('POST', '/timers', body)
    expect(answer.status, answer.text).toBe(201)
    return answer.body as Timer
  }
  return { token, user, call, list, make }
}

async function revisionOf(timerId: string): Promise<number> {
  const [row] = await harness.owner`select revision::int from timers where id = ${timerId}`
  return row?.revision as number
}

const slugs = (timers: Timer[]) => timers.map(({ slug, position }) => [position, slug])

describe('POST /timers', () => {
  test('counts from now, stands last, is private, and its address is made of its title', async () => {
    const owner = await newOwner()
    const answer = await owner.call('POST', '/timers', { title: '  Days without Coffee! ' })
    const timer = answer.body as Timer
    expect(answer.headers['etag']).toBe(`"${timer.updated_at}"`)
    expect(timer).toMatchObject({
      title: 'Days without Coffee!',
      slug: 'days-without-coffee',
      is_default: false,
      share_level: 'private',
      position: 1,
      archived_at: null,
      current: { incident_id: null, since: timer.started_at },
    })
    expect(Math.abs(Date.parse(timer.started_at) - Date.now())).toBeLessThan(5_000)
    expect((await owner.list())[1]).toEqual(timer)
    const one = await owner.call('GET', `/timers/${timer.id}`)
    expect([one.body, one.headers['etag']]).toEqual([timer, answer.headers['etag']])
  })

  test('a title that is there already gets a number, of each user by itself', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    for (const expected of ['tea', 'tea-2', 'tea-3']) expect((await owner.make({ title: 'Tea' })).slug).toBe(expected)
    expect((await other.make({ title: 'Tea' })).slug).toBe('tea')
    const long = 'x'.repeat(100)
    expect((await owner.make({ title: long })).slug).toBe('x'.repeat(54))
    expect((await owner.make({ title: long })).slug).toBe(`${'x'.repeat(54)}-2`)
  })

  test('many of one title at the same moment all get an address and a place of their own', async () => {
    const owner = await newOwner()
    await Promise.all(Array.from({ length: 8 }, () => owner.make({ title: 'Rush' })))
    const timers = await owner.list()
    expect(timers.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(new Set(timers.map(({ slug }) => slug)).size).toBe(9)
  })

  test('takes what is given, and a start up to two minutes ahead for now', async () => {
    const owner = await newOwner()
    const body = { title: 'x', slug: 'my-address', share_level: 'history', started_at: '2001-02-03T04:05:06.000007+01:00' }
    expect(await owner.make(body)).toMatchObject({
      slug: 'my-address',
      share_level: 'history',
      started_at: '2001-02-03T03:05:06.000007Z',
    })
    const ahead = await owner.make({ title: 'y', started_at: new Date(Date.now() + 110_000).toISOString() })
    expect(Date.parse(ahead.started_at)).toBeLessThan(Date.now() + 1_000)
    expectProblem(await owner.call('POST', '/timers', body), 409, 'TIMER_SLUG_TAKEN')
  })

  test.each([
    ['no title', {}, 'INVALID_INPUT'],
    ['an empty title', { title: '   ' }, 'INVALID_INPUT'],
    ['letters that become more than 100', { title: '\ufb2c'.repeat(100) }, 'INVALID_INPUT'],
    ['101 characters', { title: 'x'.repeat(101) }, 'INVALID_INPUT'],
    ['a line break', { title: 'a\nb' }, 'INVALID_INPUT'],
    ['half a surrogate pair', { title: '\ud800' }, 'INVALID_INPUT'],
    ['a number', { title: 1 }, 'INVALID_INPUT'],
    ['an unknown share level', { title: 'x', share_level: 'all' }, 'INVALID_INPUT'],
    ['a slug of 61 characters', { title: 'x', slug: 'x'.repeat(61) }, 'INVALID_INPUT'],
    ['a slug that is none', { title: 'x', slug: '../x' }, 'INVALID_INPUT'],
    ['a start in the future', { title: 'x', started_at: '9998-01-01T00:00:00Z' }, 'INVALID_INPUT'],
    ['a start before the year 1000', { title: 'x', started_at: '0999-01-01T00:00:00Z' }, 'INVALID_INPUT'],
    ['a title of which no address can be made', { title: '🙂' }, 'SLUG_IMPOSSIBLE'],
    ['a title of a refused address', { title: 'Badge' }, 'SLUG_RESERVED'],
    ['the default timer’s address', { title: 'x', slug: 'incident-timer' }, 'SLUG_RESERVED'],
    ['a refused address', { title: 'x', slug: 'events' }, 'SLUG_RESERVED'],
    ['an array', [], 'INVALID_INPUT'],
  ] as const)('%s is refused with 400', async (_what, body, code) => {
    const owner = await newOwner()
    expectProblem(await owner.call('POST', '/timers', body), 400, code)
    expect(await owner.list()).toHaveLength(1)
  })

  test('with an Idempotency-Key five parallel retries make one', async () => {
    const owner = await newOwner()
    const headers = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all(Array.from({ length: 5 }, () => owner.call('POST', '/timers', { title: 'once' }, headers)))
    expect(new Set(answers.map(({ status, text, headers }) => `${status} ${text} ${String(headers['etag'])}`)).size).toBe(1)
    expect(await owner.list()).toHaveLength(2)
  })

  test('there are at most 50, also when the last ones come at once', async () => {
    const owner = await newOwner()
    await harness.owner`
      insert into timers (user_id, slug, title) select ${owner.user.id}, 't-' || n, 'x' from generate_series(1, ${MAX_TIMERS - 3}::int) n
    `
    const answers = await Promise.all(Array.from({ length: 6 }, () => owner.call('POST', '/timers', { title: 'last' })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 409, 409, 409, 409])
    expectProblem(answers.find(({ status }) => status === 409) as CallResult, 409, 'TOO_MANY_TIMERS')
    const timers = await owner.list()
    expect(timers.map(({ position }) => position)).toEqual(Array.from({ length: MAX_TIMERS }, (_, n) => n))
    // One that is gone makes room.
    await owner.call('DELETE', `/timers/${timers[7]?.id}`)
    expect((await owner.make({ title: 'room' })).position).toBe(MAX_TIMERS - 1)
  })

  test('a user who is gone meanwhile is told to sign in', async () => {
    const owner = await newOwner()
    await harness.owner`delete from users where id = ${owner.user.id}`
    for (const headers of [{}, { 'idempotency-key': 'x' }])
      expectProblem(await owner.call('POST', '/timers', { title: 'x' }, headers), 401, 'UNAUTHENTICATED')
  })
})

describe('PATCH /timers/{id}', () => {
  test('changes what is given, raising the revision each time, and nothing where all is so already', async () => {
    const owner = await newOwner()
    const timer = await owner.make({ title: 'Tea' })
    const patch = async (body?: object) => (await owner.call('PATCH', `/timers/${timer.id}`, body)).body as Timer
    let revision = await revisionOf(timer.id)
    const changes = [
      { title: 'Coffee' },
      { started_at: '2020-01-01T00:00:00Z' },
      { slug: 'coffee' },
      { share_level: 'stats' },
      { archived: true },
      { archived: false },
    ]
    for (const change of changes) {
      const { archived, ...rest } = change as { archived?: boolean }
      const changed = await patch(change)
      expect(changed).toMatchObject(rest)
      if (archived !== undefined) expect(changed.archived_at !== null).toBe(archived)
      expect(await revisionOf(timer.id)).toBe(++revision)
    }
    const before = await patch()
    const nothing = { title: 'Coffee', started_at: '2020-01-01T01:00:00+01:00', slug: 'coffee', archived: false, position: 1 }
    for (const same of [undefined, {}, nothing, { title: null, slug: null, share_level: null, archived: null }])
      expect(await patch(same)).toEqual(before)
    expect(await revisionOf(timer.id)).toBe(revision)
  })

  test('an archived timer stays in the list and goes on counting', async () => {
    const owner = await newOwner()
    const timer = await owner.make({ title: 'Tea' })
    await owner.call('PATCH', `/timers/${timer.id}`, { archived: true })
    expect(await owner.list()).toHaveLength(2)
    const { archived_at } = (await owner.call('PATCH', `/timers/${timer.id}`, { archived: true })).body as Timer
    expect((await owner.list())[1]?.archived_at).toBe(archived_at)
    expect((await owner.call('POST', `/timers/${timer.id}/incidents`)).status).toBe(201)
  })

  test('moves the others aside, and places stay 0, 1, 2 …', async () => {
    const owner = await newOwner()
    for (const title of ['a', 'b', 'c']) await owner.make({ title })
    const move = async (slug: string, position: number) => {
      const { id } = (await owner.list()).find((timer) => timer.slug === slug) as Timer
      const { status, body } = await owner.call('PATCH', `/timers/${id}`, { position })
      expect([status, (body as Timer).position]).toEqual([200, Math.min(position, 3)])
      return slugs(await owner.list())
    }
    const order = (...names: string[]) => names.map((name, index) => [index, name])
    expect(await move('c', 0)).toEqual(order('c', 'incident-timer', 'a', 'b'))
    expect(await move('c', 2)).toEqual(order('incident-timer', 'a', 'c', 'b'))
    expect(await move('incident-timer', 49)).toEqual(order('a', 'c', 'b', 'incident-timer'))
    const gone = (await owner.list())[1] as Timer
    await owner.call('DELETE', `/timers/${gone.id}`)
    expect(slugs(await owner.list())).toEqual(order('a', 'b', 'incident-timer'))
    const all = await owner.list()
    await Promise.all(all.flatMap(({ id }) => [0, 1, 2].map((position) => owner.call('PATCH', `/timers/${id}`, { position }))))
    expect((await owner.list()).map(({ position }) => position)).toEqual([0, 1, 2])
  })

  test('the address of the default timer is fixed, and no other timer can have it or one that is taken', async () => {
    const owner = await newOwner()
    const [born] = await owner.list()
    const timer = await owner.make({ title: 'Tea' })
    const patch = (id: string | undefined, slug: string) => owner.call('PATCH', `/timers/${id}`, { slug })
    expectProblem(await patch(born?.id, 'tea-time'), 409, 'TIMER_SLUG_FIXED')
    expect((await patch(born?.id, 'incident-timer')).body).toEqual(born)
    expectProblem(await patch(timer.id, 'incident-timer'), 400, 'SLUG_RESERVED')
    expectProblem(await patch(timer.id, 'card'), 400, 'SLUG_RESERVED')
    await owner.make({ title: 'Coffee' })
    expectProblem(await patch(timer.id, 'coffee'), 409, 'TIMER_SLUG_TAKEN')
    expect((await patch(timer.id, 'Tea-Time')).body).toMatchObject({ slug: 'tea-time' })
  })

  test.each([
    { position: -1 },
    { position: 50 },
    { position: 1.5 },
    { position: '1' },
    { title: '' },
    { title: ' ' },
    { archived: 'yes' },
    { started_at: '9998-01-01T00:00:00Z' },
    { share_level: '' },
  ])('%j is refused with 400 and changes nothing', async (body) => {
    const owner = await newOwner()
    const timer = await owner.make({ title: 'Tea' })
    expectProblem(await owner.call('PATCH', `/timers/${timer.id}`, { slug: 'other', ...body }), 400, 'INVALID_INPUT')
    expect((await owner.list())[1]).toEqual(timer)
  })

  test('of two browsers that saw the same, the second is told so', async () => {
    const owner = await newOwner()
    const timer = await owner.make({ title: 'Tea' })
    const headers = { 'if-match': `"${timer.updated_at}"` }
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((title) => owner.call('PATCH', `/timers/${timer.id}`, { title }, headers)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412])
    const won = answers.find(({ status }) => status === 200) as CallResult
    expect((await owner.list())[1]).toEqual(won.body)
    expectProblem(answers.find(({ status }) => status === 412) as CallResult, 412, 'STALE')
    expectProblem(await owner.call('DELETE', `/timers/${timer.id}`, undefined, headers), 412, 'STALE')
    expectProblem(await owner.call('PATCH', `/timers/${timer.id}`, { position: 0 }, headers), 412, 'STALE')
    const fresh = { 'if-match': `W/${String(won.headers['etag'])}` }
    expect((await owner.call('DELETE', `/timers/${timer.id}`, undefined, fresh)).status).toBe(204)
  })
})

describe('DELETE /timers/{id}', () => {
  test('takes everything along, and the default timer stays', async () => {
    const owner = await newOwner()
    const timer = await owner.make({ title: 'Tea' })
    await owner.call('POST', `/timers/${timer.id}/incidents`, { notes: 'x' })
    const [born] = await owner.list()
    expectProblem(await owner.call('DELETE', `/timers/${born?.id}`), 409, 'DEFAULT_TIMER')
    expect((await owner.call('DELETE', `/timers/${timer.id}`)).status).toBe(204)
    expectProblem(await owner.call('DELETE', `/timers/${timer.id}`), 404, 'TIMER_NOT_FOUND')
    const [left] = await harness.owner`
      select
        (select count(*)::int from incidents where timer_id = ${timer.id}) as incidents,
        (select count(*)::int from incident_runs where timer_id = ${timer.id}) as runs
    `
    expect(left).toEqual({ incidents: 0, runs: 0 })
    expect((await owner.make({ title: 'Tea' })).slug).toBe('tea')
  })

  test('somebody else’s, unknown and malformed ids are one and the same 404 on every route', async () => {
    const [owner, other] = [await newOwner(), await newOwner()]
    const timer = await other.make({ title: 'Tea' })
    for (const id of [timer.id, randomUUID(), '1', 'x%00y', timer.id.toUpperCase()]) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PATCH', '', { title: 'x' }],
        ['DELETE', '', undefined],
        ['GET', '/incidents', undefined],
        ['POST', '/incidents', {}],
        ['POST', '/incidents/preview', {}],
        ['GET', '/stats', undefined],
        ['GET', '/charts', undefined],
      ] as const)
        expectProblem(await owner.call(method, `/timers/${id}${path}`, body), 404, 'TIMER_NOT_FOUND')
    }
    expect((await other.list())[1]).toEqual(timer)
  })
})
