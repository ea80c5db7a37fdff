import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { AccountExport } from '@kennwilliamson/contracts/account-export'
import { describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, useHarness, type CallResult } from '../../testing/harness.ts'

const harness = useHarness()

const download = (token: string) => harness.call('GET', '/account/export', { token })
/** What is in a file, which must be what the contract says and not a key more. */
function read({ text }: CallResult): AccountExport {
  const data: unknown = JSON.parse(text)
  const parsed = AccountExport.parse(data)
  expect(data).toEqual(parsed)
  return parsed
}

/** Incidents of the default timer, a minute apart. */
const fill = (userId: string, count: number, noteLength: number) => harness.owner`
  insert into incidents (timer_id, occurred_at, notes)
  select t.id, now() - make_interval(mins => n), repeat('x', ${noteLength}::int) || n
  from timers t, generate_series(1, ${count}::int) n where t.user_id = ${userId} and t.is_default
`

describe('GET /account/export', () => {
  test('P07: is a file with everything that one has: timers with their whole history, sessions, events, addresses', async () => {
    const own = await harness.register({ time_zone: 'Asia/Tokyo', share_level: 'notes' })
    const { user, token } = own
    const notes = 'a note with "quotes",\nlines, \\ and 🏔️'
    const post = (body: object) => harness.call('POST', '/incident-timers', { token, body })
    const kept = (await post({ reset_timestamp: '2026-01-02T03:04:05.123456Z', notes })).body as { id: string }
    const deleted = (await post({ notes: 'deleted later' })).body as { id: string }
    const undone = (await post({ notes: 'taken back' })).body as { id: string }
    await harness.call('PUT', `/incident-timers/${kept.id}`, { token, body: { notes: `${notes}!` } })
    await harness.call('DELETE', `/incident-timers/${deleted.id}`, { token })
    await harness.owner`update incidents set undone_at = now() where id = ${undone.id}`
    await harness.owner`insert into timers (user_id, slug, title) values (${user.id}, 'second', 'A second timer')`
    await harness.call('PUT', '/account/profile', { token, body: { slug: 'moved-for-export' } })
    const agent = { 'user-agent': 'Browser of the exporter/1.0' }
    await harness.call('POST', '/auth/login', { body: { email: user.email, password: PASSWORD }, headers: agent })
    await harness.owner`insert into audit_events (action, actor_id, subject_id) values ('of_another_release', ${user.id}, ${user.id})`

    const answer = await download(token)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="export-\d{4}-\d\d-\d\d\.json"$/) as string,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const file = read(answer)
    expect(file.account).toMatchObject({
      id: user.id,
      email: user.email,
      slug: 'moved-for-export',
      time_zone: 'Asia/Tokyo',
      roles: ['user'],
    })
    expect(file.former_slugs.map(({ slug }) => slug)).toEqual([user.slug])
    expect(file.timers.map(({ slug, share_level }) => [slug, share_level])).toEqual([
      ['incident-timer', 'notes'],
      ['second', 'private'],
    ])
    const [timer] = file.timers
    expect(timer?.incidents.map(({ id, notes, undone_at }) => [id, notes, undone_at === null])).toEqual([
      [kept.id, `${notes}!`, true],
      [undone.id, 'taken back', false],
    ])
    expect(timer?.incidents[0]?.occurred_at).toBe('2026-01-02T03:04:05.123456Z')
    expect(timer?.revisions.map(({ action, notes_before, notes_after }) => [action, notes_before, notes_after])).toEqual([
      ['edited', notes, `${notes}!`],
      ['deleted', 'deleted later', null],
    ])
    expect(file.sessions.map(({ user_agent }) => user_agent)).toContain('Browser of the exporter/1.0')
    const actions = file.security_events.map(({ action }) => action)
    for (const action of ['address_changed', 'of_another_release', 'data_exported']) expect(actions).toContain(action)
    // Nothing that proves anything to anybody.
    const hashes =
      await harness.owner`select password_hash, encode(family_hash, 'hex') as hash from users u join sessions s on s.user_id = u.id`
    for (const row of hashes) for (const secret of Object.values(row)) expect(answer.text).not.toContain(secret as string)
    expect(answer.text).not.toMatch(/argon2|_hash/)
  })

  test('Z03: has nothing of anybody else', async () => {
    const other = await harness.register({ display_name: 'Somebody Else' })
    await harness.call('POST', '/incident-timers', { token: other.token, body: { notes: 'the note of somebody else' } })
    const { user, token } = await harness.register()
    const { text } = await download(token)
    for (const trace of [other.user.id, other.user.email, 'Somebody Else', 'the note of somebody else'])
      expect(text).not.toContain(trace)
    expect(text).toContain(user.email)
  })

  test('every page of a long history is there once, in order', async () => {
    const { user, token } = await harness.register()
    await fill(user.id, 1_001, 1)
    const incidents = read(await download(token)).timers[0]?.incidents ?? []
    expect(new Set(incidents.map(({ notes }) => notes)).size).toBe(1_001)
    expect(incidents.map(({ id }) => id)).toEqual(incidents.map(({ id }) => id).toSorted())
  })

  test('is as of one moment, whatever is written while it is read', async () => {
    const { user, token } = await harness.register()
    await fill(user.id, 1_000, 1_900)
    const reading = await startReading(token)
    await reading.until((bytes) => bytes > 0)
    await harness.owner`update incidents set notes = 'changed meanwhile' where timer_id in (select id from timers where user_id = ${user.id})`
    const text = await reading.rest()
    expect(text).not.toContain('changed meanwhile')
    expect(AccountExport.parse(JSON.parse(text)).timers[0]?.incidents).toHaveLength(1_000)
  })

  test('takes little memory, however much there is, and waits for its reader', async () => {
    const { user, token } = await harness.register()
    await fill(user.id, 30_000, 1_950)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = () => {
      // Buffers are given back only by the one after.
      for (let times = 0; times < 3; times++) collect()
      const { heapUsed, external, arrayBuffers } = process.memoryUsage()
      return (heapUsed + external + arrayBuffers) / 2 ** 20
    }
    const before = held()
    // The check is not blind: it sees what is kept.
    let kept: Buffer | null = Buffer.alloc(60 * 2 ** 20)
    expect(held() - before, `${kept.length} bytes`).toBeGreaterThan(50)
    kept = null
    const reading = await startReading(token)
    let most = 0
    const total = await reading.throughout(5 * 2 ** 20, () => {
      most = Math.max(most, held() - before)
    })
    expect(total / 2 ** 20).toBeGreaterThan(60)
    expect(most).toBeLessThan(25)
  }, 60_000)

  test('a reader who goes away gives everything free at once', async () => {
    const { user, token } = await harness.register()
    await fill(user.id, 5_000, 1_900)
    const reading = await startReading(token)
    await reading.until((bytes) => bytes > 0)
    expect(await openTransactions()).toBe(1)
    reading.leave()
    await expect.poll(openTransactions, { timeout: 5_000 }).toBe(0)
    expect(read(await download(token)).timers[0]?.incidents).toHaveLength(5_000)
  })

  test('a reader who takes nothing is cut off, before the database does it', async () => {
    const { user, token } = await harness.register()
    await fill(user.id, 5_000, 1_900)
    const reading = await startReading(token)
    await reading.until((bytes) => bytes > 0)
    await expect.poll(openTransactions, { timeout: 15_000, interval: 250 }).toBe(0)
    await expect(reading.rest()).rejects.toThrow('aborted')
    expect((await download(token)).status).toBe(200)
  }, 30_000)

  test('one at a time for each user, and two for all', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => harness.register()))
    for (const { user } of people) await fill(user.id, 5_000, 1_900)
    const [first, second, third] = people.map(({ token }) => token) as [string, string, string]
    const readings = [await startReading(first), await startReading(second)]
    expectProblem(await download(first), 429, 'TOO_MANY_REQUESTS')
    const refused = await download(third)
    expectProblem(refused, 503, 'OVERLOADED')
    expect(refused.headers['retry-after']).toBe('10')
    // What was refused is no export: nothing says that there was one.
    const exports = async (userId: string | undefined) =>
      (await harness.owner`select from audit_events where subject_id = ${userId ?? null} and action = 'data_exported'`).length
    expect(await Promise.all(people.map(({ user }) => exports(user.id)))).toEqual([1, 1, 0])
    for (const reading of readings) AccountExport.parse(JSON.parse(await reading.rest()))
    expect((await download(third)).status).toBe(200)
  })

  test('HEAD is not there: it would be an export that nobody reads', async () => {
    const { token } = await harness.register()
    expect((await harness.call('HEAD', '/account/export', { token })).status).toBe(405)
  })
})

async function openTransactions(): Promise<number> {
  const [row] = await harness.owner`
    select count(*)::int as open from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and backend_type = 'client backend'
  `
  return row?.['open'] as number
}

/** Asks for an export over a real connection, and reads only as much as it is told to. */
async function startReading(token: string) {
  if (!harness.app.server.listening) await harness.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = harness.app.server.address() as AddressInfo
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/backend/account/export',
    headers: { authorization: `Bearer ${token}` },
  })
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end()
  })
  expect(response.statusCode).toBe(200)
  let begun = ''
  return {
    /** Reads till enough is there, and then no more. */
    async until(enough: (bytes: number) => boolean) {
      for (;;) {
        const chunk = response.read() as Buffer | null
        if (chunk) begun += chunk.toString('latin1')
        if (enough(begun.length)) return
        await new Promise((resolve) => response.once('readable', resolve))
      }
    },
    async rest() {
      const chunks: Uint8Array[] = [Buffer.from(begun, 'latin1')]
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString()
    },
    /** Reads to the end, keeping nothing, with a look after each so many bytes. */
    async throughout(each: number, look: () => void) {
      let [total, next] = [0, each]
      for await (const chunk of response) {
        total += (chunk as Buffer).length
        if (total < next) continue
        look()
        next += each
      }
      return total
    },
    leave() {
      response.destroy()
    },
  }
}
