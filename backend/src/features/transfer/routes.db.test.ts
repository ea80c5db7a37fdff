import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import type { ImportOutcome } from '@kennwilliamson/contracts/transfer'
import { TimerFile } from '@kennwilliamson/contracts/transfer'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { expectProblem, useHarness } from '../../testing/harness.ts'
import { findStats } from '../timers/stats.ts'

const harness = useHarness()

interface Owner {
  token: string
  userId: string
  timerId: string
}

async function someone(overrides: Record<string, unknown> = {}): Promise<Owner> {
  const { token, user }: SessionAnswer = await harness.register(overrides)
  const [timer] = await harness.owner<{ id: string }[]>`select id from timers where user_id = ${user.id}`
  await harness.owner`update timers set started_at = '2026-01-01T00:00:00Z' where user_id = ${user.id}`
  return { token, userId: user.id, timerId: timer?.id ?? '' }
}

interface Sent {
  type?: string
  query?: string
  headers?: Record<string, string>
  token?: string
}

function send(owner: Owner, file: string, { type = 'text/csv', query = '', headers = {}, token = owner.token }: Sent = {}) {
  return harness.call('POST', `/timers/${owner.timerId}/import${query}`, {
    token,
    body: file,
    headers: { 'content-type': type, ...headers },
  })
}
const outcome = async (...sent: Parameters<typeof send>) => {
  const answer = await send(...sent)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as ImportOutcome
}
const download = (owner: Owner, format: string) =>
  harness.call('GET', `/timers/${owner.timerId}/export?format=${format}`, { token: owner.token })
const incidents = ({ timerId }: Owner) => harness.owner`
  select occurred_at::text as at, notes, corrected_at::text as corrected from incidents
  where timer_id = ${timerId} and undone_at is null order by occurred_at, notes
`
const wipe = ({ timerId }: Owner) => harness.owner`delete from incidents where timer_id = ${timerId}`
const json = 'application/json'

describe('GET /timers/{id}/export', () => {
  test('gives the timer as a file, which says what it is and has no cell that a spreadsheet would run', async () => {
    const own = await someone()
    await outcome(own, JSON.stringify([{ occurred_at: '2026-02-01T10:00:00.123456Z', notes: '=HYPERLINK("x")' }]), { type: json })
    const csv = await download(own, 'csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.headers['content-disposition']).toMatch(
      /^attachment; filename="timer.csv"; filename\*=UTF-8''incident-timer-2026-/,
    )
    expect(csv.headers['cache-control']).toBe('no-store')
    expect(csv.text).toBe(
      '\ufeffkind,occurred_at,notes,corrected_at\r\nstart,2026-01-01T00:00:00Z,,\r\n' +
        `incident,2026-02-01T10:00:00.123456Z,"'=HYPERLINK(""x"")",\r\n`,
    )
    const file = TimerFile.parse(JSON.parse((await download(own, 'json')).text))
    expect(file.incidents).toEqual([{ occurred_at: '2026-02-01T10:00:00.123456Z', notes: '=HYPERLINK("x")', corrected_at: null }])
  })

  test('is of the owner alone, and of formats that there are', async () => {
    const [own, other] = [await someone(), await someone()]
    expectProblem(await download({ ...own, token: other.token }, 'csv'), 404, 'TIMER_NOT_FOUND')
    for (const format of ['', 'xml', 'csv&format=json']) expectProblem(await download(own, format), 400, 'INVALID_INPUT')
    expectProblem(await harness.call('GET', '/timers/x/export?format=csv', { token: own.token }), 404, 'TIMER_NOT_FOUND')
  })
})

describe('POST /timers/{id}/import', () => {
  const FILE = 'occurred_at,notes\n2026-02-01T10:00:00Z,one\n2026-02-01T10:00:00Z,one\n2026-02-02,two\nnever,\n2999-01-01,later\n'

  test('adds what is new, and a second run adds nothing; a dry run says the same and saves nothing', async () => {
    const own = await someone({ time_zone: 'Europe/Berlin' })
    const first = {
      added: 3,
      duplicates: 0,
      refused: [
        { line: 5, reason: 'the time must be one such as 2026-07-05T13:58:04Z' },
        { line: 6, reason: 'lies in the future' },
      ],
      refused_count: 2,
      started_at: '2026-01-01T00:00:00Z',
    }
    expect(await outcome(own, FILE, { query: '?dry_run=true' })).toEqual(first)
    expect(await incidents(own)).toHaveLength(0)
    expect(await outcome(own, FILE)).toEqual(first)
    expect(await incidents(own)).toMatchObject([
      { at: '2026-02-01 10:00:00+00', notes: 'one' },
      { at: '2026-02-01 10:00:00+00', notes: 'one' },
      // The beginning of the day where the owner lives.
      { at: '2026-02-01 23:00:00+00', notes: 'two' },
    ])
    for (const query of ['?dry_run=true', ''])
      expect(await outcome(own, FILE, { query })).toEqual({ ...first, added: 0, duplicates: 3 })
    expect(await incidents(own)).toHaveLength(3)
  })

  test('five at once add each incident once', async () => {
    const own = await someone()
    // Only one is read at a time: the others are told to come back.
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(own, FILE)))
    for (const answer of answers) if (answer.status !== 200) expectProblem(answer, 503, 'OVERLOADED')
    expect(await incidents(own)).toHaveLength(3)
    await outcome(own, FILE)
    expect(await incidents(own)).toHaveLength(3)
  })

  test('a repeated key gives the first answer again, also when it was undone meanwhile', async () => {
    const own = await someone()
    const headers = { 'idempotency-key': 'import-1' }
    const first = await outcome(own, FILE, { headers })
    await wipe(own)
    expect(await outcome(own, FILE, { headers })).toEqual(first)
    expect(await incidents(own)).toHaveLength(0)
    expectProblem(await send(own, `${FILE}2026-02-03,three\n`, { headers }), 409, 'IDEMPOTENCY_KEY_REUSED')
  })

  test('is of the owner alone: nobody else’s file is even read', async () => {
    const [own, other] = [await someone(), await someone()]
    expectProblem(await send(own, 'nonsense', { token: other.token }), 404, 'TIMER_NOT_FOUND')
    expectProblem(await send(own, FILE, { token: '' }), 401, 'UNAUTHENTICATED')
    expect(await incidents(own)).toHaveLength(0)
  })

  test('I10, I07: what is no file of ours is refused, and nothing is saved', async () => {
    const own = await someone()
    for (const [file, type] of [
      ['', 'text/csv'],
      ['name,age\n', 'text/csv'],
      ['{', json],
      ['{}', json],
      ['"text"', json],
      ['{"timers":[]}', json],
      ['[]]', json],
    ] as const)
      expectProblem(await send(own, file, { type }), 400, 'INVALID_INPUT')
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/csv; charset=utf-16',
      'application/xml',
      'application/json; charset=latin1',
    ])
      expectProblem(await send(own, FILE, { type }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    expectProblem(await send(own, Buffer.from([0x6f, 0xff, 0xfe]) as never), 400, 'MALFORMED_REQUEST')
    expectProblem(await send(own, FILE, { query: '?dry_run=maybe' }), 400, 'INVALID_INPUT')
    const odd = JSON.stringify([null, 1, [], {}, { occurred_at: 5 }, { occurred_at: '2026-02-01T00:00:00Z', notes: 7 }, '\ud800'])
    expect(await outcome(own, odd, { type: json })).toMatchObject({ added: 0, refused_count: 7 })
    expect(await incidents(own)).toHaveLength(0)
  })

  test('10 MiB are taken and more is not; other routes keep to 64 KiB', async () => {
    const own = await someone()
    const big = (bytes: number) => `occurred_at,notes\n${'\n'.repeat(bytes - 18)}`
    expect((await send(own, big(10 * 1024 * 1024))).status).toBe(200)
    expectProblem(await send(own, big(10 * 1024 * 1024 + 1)), 413, 'BODY_TOO_LARGE')
    expectProblem(await send(own, `[${' '.repeat(10 * 1024 * 1024)}]`, { type: json }), 413, 'BODY_TOO_LARGE')
    const body = { notes: 'x'.repeat(70_000) }
    expectProblem(await harness.call('POST', '/incident-timers', { token: own.token, body }), 413, 'BODY_TOO_LARGE')
  })

  test('10,000 lines take five seconds at most, and more incidents than a timer may have are refused as one', async () => {
    const own = await someone()
    const lines = (count: number, day: string) =>
      `occurred_at,notes\n${Array.from({ length: count }, (_, n) => `${day}T${new Date(n * 100).toISOString().slice(11)},a note to line ${n}`).join('\n')}`
    const began = performance.now()
    expect(await outcome(own, lines(10_000, '2026-02-01'))).toMatchObject({ added: 10_000, refused_count: 0 })
    expect(performance.now() - began).toBeLessThan(5_000)
    expectProblem(await send(own, lines(90_001, '2026-02-02')), 409, 'TOO_MANY_INCIDENTS')
    expect(await outcome(own, lines(10_000, '2026-02-01'))).toMatchObject({ added: 0, duplicates: 10_000 })
    const [row] = await harness.owner`select count(*)::int as n from incidents where timer_id = ${own.timerId}`
    expect(row?.['n']).toBe(10_000)
  }, 60_000)

  test('L16: export, wipe, import gives the same incidents and the same statistics, in both formats', async () => {
    const entry = fc.record({
      occurred_at: fc
        .integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 10, 1) })
        .map((ms) => new Date(ms - (ms % 7_200_000)).toISOString()),
      notes: fc.option(
        fc.string({
          unit: fc.constantFrom('a', '=', "'", '"', ',', ';', '\n', '\r', '\t', '-', ' ', 'ß', '🙂', '\u202e'),
          maxLength: 12,
        }),
      ),
      corrected_at: fc.option(fc.constant('2026-11-01T00:00:00.5Z')),
    })
    // Those with the same time and note are taken for the same one, so they are marked alike.
    const entries = fc.array(entry, { maxLength: 12 }).map((all) =>
      all.map((one) => {
        const same = all.find(
          ({ occurred_at, notes }) => occurred_at === one.occurred_at && (notes || null) === (one.notes || null),
        )
        return { ...one, corrected_at: same?.corrected_at ?? null }
      }),
    )
    const [a, b] = [await someone(), await someone()]
    await fc.assert(
      fc.asyncProperty(entries, fc.constantFrom('csv', 'json'), fc.boolean(), async (entries, format, later) => {
        for (const { timerId } of [a, b]) await harness.owner`delete from incidents where timer_id = ${timerId}`
        await harness.owner`update timers set started_at = ${later ? '2025-06-01T00:00:00Z' : '2023-01-01T00:00:00Z'} where id = ${a.timerId}`
        await harness.owner`update timers set started_at = now() where id = ${b.timerId}`
        expect((await outcome(a, JSON.stringify(entries), { type: json })).refused_count).toBe(0)
        const file = (await download(a, format)).text
        const type = format === 'csv' ? 'text/csv' : json
        const at = '2026-11-20T12:00:00Z'
        const [before, there] = [await incidents(a), await findStats(harness.sql, a.timerId, at)]
        // Into another timer, and into the same one: whatever is missing comes back, and nothing twice.
        expect((await outcome(b, file, { type })).added).toBe(before.length)
        await harness.owner`delete from incidents where id in (select id from incidents where timer_id = ${a.timerId} limit 3)`
        await outcome(a, file, { type })
        for (const owner of [a, b]) {
          expect(await incidents(owner)).toEqual(before)
          expect(await findStats(harness.sql, owner.timerId, at)).toEqual(there)
        }
        expect(await outcome(b, file, { type })).toMatchObject({ added: 0, duplicates: before.length })
      }),
      { numRuns: propertyRuns(25) },
    )
  }, 120_000)
})
