import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { grantRole } from '../roles/queries.ts'
import { makeResetLink } from '../recovery/reset-links.ts'
import { sweepThrottle } from '../throttle/queries.ts'
import { expectProblem, PASSWORD, SITE_URL, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

const remove = (token: string, password = PASSWORD) => harness.call('DELETE', '/account', { token, body: { password } })
const signIn = (email: string, headers: Record<string, string> = {}) =>
  harness.call('POST', '/auth/login', { body: { email, password: PASSWORD }, headers, ip: '203.0.113.77' })

/** Every column of every table in which the text is found, whatever its type, without regard to case. */
async function placesOf(text: string): Promise<string[]> {
  const columns = await harness.owner`
    select c.table_name as "table", c.column_name as "column"
    from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
    where c.table_schema = 'public'
  `
  const found: string[] = []
  for (const { table, column } of columns) {
    const rows = await harness.owner`
      select from ${harness.owner(table as string)}
      where position(lower(${text}) in lower(${harness.owner(column as string)}::text)) > 0
    `
    if (rows.length > 0) found.push(`${table}.${column}`)
  }
  return found.sort()
}

describe('DELETE /account', () => {
  test('P07: nothing of the person is left in any column of any table, but bare events', async () => {
    const own = await harness.register({
      email: 'vanishing.person@example.org',
      display_name: 'Vanishing Person',
      share_level: 'notes',
    })
    const [{ token }, agent] = [own, 'Browser of the vanishing/1.0']
    const second = (await signIn(own.user.email, { 'user-agent': agent })).body as SessionAnswer
    const notes = 'a note that must vanish'
    const headers = { 'idempotency-key': 'key-that-vanishes' }
    const entry = (await harness.call('POST', '/incident-timers', { token, body: { notes }, headers })).body as { id: string }
    await harness.call('PUT', `/incident-timers/${entry.id}`, { token, body: { notes: 'another that must vanish' } })
    await harness.call('PUT', '/account/profile', { token, body: { slug: 'vanished-address' } })
    await harness.call('PUT', '/account/profile', { token, body: { slug: 'vanishing-address' } })
    await makeResetLink(harness.sql, { userId: own.user.id, actorId: own.user.id, siteUrl: SITE_URL })
    await harness.call('POST', '/auth/login', { body: { email: own.user.email, password: 'wrong' }, ip: '203.0.113.77' })
    await harness.call('GET', '/account/export', { token })
    const [{ count: audited } = { count: 0 }] =
      await harness.owner`select count(*)::int from audit_events where subject_id = ${own.user.id}`
    expect(audited).toBeGreaterThan(2)

    const traces = {
      'vanishing.person': ['users.email'],
      'Vanishing Person': ['users.display_name'],
      'vanishing-address': ['users.slug'],
      'vanished-address': ['former_slugs.slug'],
      'a note that must vanish': ['idempotency_keys.body', 'incident_revisions.notes_before'],
      'another that must vanish': ['incident_revisions.notes_after', 'incidents.notes'],
      'Browser of the vanishing': ['sessions.user_agent'],
      'key-that-vanishes': ['idempotency_keys.key'],
      '203.0.113.77': ['auth_throttle.key', 'sessions.ip'],
      [own.user.id]: [
        'audit_events.actor_id',
        'audit_events.subject_id',
        'former_slugs.user_id',
        'idempotency_keys.user_id',
        'one_time_codes.user_id',
        'sessions.user_id',
        'timers.user_id',
        'user_roles.user_id',
        'users.id',
      ],
    }
    // The check is not blind: before, it finds all of it.
    for (const [text, places] of Object.entries(traces)) expect([text, await placesOf(text)]).toEqual([text, places])

    const deleted = await remove(second.token)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    // Counts of a network are kept for up to an hour, for whoever else is there, and swept then.
    await harness.owner`update auth_throttle set window_ends_at = now() - interval '1 second', blocked_until = '-infinity'`
    await sweepThrottle(harness.sql)
    for (const text of Object.keys(traces)) expect([text, await placesOf(text)]).toEqual([text, []])
    expect(await placesOf(entry.id)).toEqual([])
    const bare = await harness.owner`select actor_id, subject_id from audit_events where actor_id is null and subject_id is null`
    expect(bare.length).toBeGreaterThanOrEqual(Number(audited))
  })

  test('A19: every token is dead at once, here and by word to all instances, and signing in is the generic failure', async () => {
    const own = await harness.register()
    const other = (await signIn(own.user.email)).body as SessionAnswer
    const heard: string[] = []
    const listening = await harness.owner.listen('revoked_sessions', (id) => heard.push(id))
    const sessions = await harness.owner`select id from sessions where user_id = ${own.user.id}`
    expect((await remove(own.token)).status).toBe(204)
    for (const { token, refresh_token } of [own, other]) {
      expectProblem(await harness.call('GET', '/auth/me', { token }), 401, 'UNAUTHENTICATED')
      expectProblem(await harness.call('POST', '/auth/refresh', { body: { refresh_token } }), 401, 'INVALID_REFRESH_TOKEN')
    }
    expectProblem(await signIn(own.user.email), 401, 'INVALID_CREDENTIALS')
    const ids = sessions.map((row) => row['id'] as string).sort()
    await expect.poll(() => [...heard].sort()).toEqual(ids)
    // An instance that starts later learns of it from the marks, which outlive the account.
    expect(await harness.owner`select from revoked_sessions where session_id in ${harness.owner(ids)}`).toHaveLength(2)
    await listening.unlisten()
  })

  test('Z11: what was public is gone, and the address, like former ones, is free at once', async () => {
    const own = await harness.register()
    await harness.call('POST', '/incident-timers', { token: own.token })
    await harness.call('PUT', '/account/profile', { token: own.token, body: { slug: 'left-behind' } })
    const paths = [own.user.slug, 'left-behind'].flatMap((slug) => [`/shared/${slug}/incident-timer`, `/${slug}/incident-timer`])
    for (const path of paths) expect((await harness.call('GET', path)).status).not.toBe(404)
    expect((await remove(own.token)).status).toBe(204)
    for (const path of paths) expect((await harness.call('GET', path)).status).toBe(404)
    const next = await harness.register()
    for (const slug of ['left-behind', own.user.slug]) {
      expect((await harness.call('PUT', '/account/profile', { token: next.token, body: { slug } })).status).toBe(200)
    }
    const again = await harness.register({ email: own.user.email })
    expect(again.user.email).toBe(own.user.email)
  })

  test('a wrong password is refused, counted, and deletes nothing', async () => {
    const own = await harness.register()
    const tries = []
    for (let n = 0; n < 7; n++) tries.push(await remove(own.token, `guess ${n}`))
    expectProblem(tries[0]!, 403, 'WRONG_PASSWORD')
    expect((tries[0]!.body as { errors: unknown[] }).errors).toEqual([{ path: 'password', message: 'This is not your password' }])
    const refused = tries.find(({ status }) => status === 429)
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    for (const body of [undefined, {}, { password: 5 }, { password: '' }]) {
      expectProblem(await harness.call('DELETE', '/account', { token: own.token, body }), 400, 'INVALID_INPUT')
    }
    expect((await harness.call('GET', '/auth/me', { token: own.token })).status).toBe(200)
  })

  test('a session that ended meanwhile deletes nothing', async () => {
    const own = await harness.register()
    await harness.owner`update sessions set revoked_at = now() where user_id = ${own.user.id}`
    expectProblem(await remove(own.token), 401, 'UNAUTHENTICATED')
    expect(await harness.owner`select from users where id = ${own.user.id}`).toHaveLength(1)
  })

  test('twice at once: both are told that they are gone, nothing breaks', async () => {
    const own = await harness.register()
    const statuses = (await Promise.all([remove(own.token), remove(own.token)])).map(({ status }) => status)
    expect(statuses).toContain(204)
    expect(statuses.every((status) => status === 204 || status === 401)).toBe(true)
  })

  test('what is written for somebody who is just being deleted is 401, not a failure', async () => {
    const own = await harness.register()
    await harness.owner`delete from users where id = ${own.user.id}`
    for (const [method, path, body] of [
      ['GET', '/account/export', undefined],
      ['GET', '/account/profile', undefined],
      ['PUT', '/account/profile', { display_name: 'Nobody' }],
      ['PUT', '/account/password', { current_password: PASSWORD, new_password: 'another day in the east' }],
      ['DELETE', '/account', { password: PASSWORD }],
      ['POST', '/auth/claim', { code: 'x' }],
    ] as const) {
      const answer = await harness.call(method, path, { token: own.token, body })
      expect([path, answer.status < 500 && answer.status >= 401], answer.text).toEqual([path, true])
    }
  })

  test('a long history is deleted too, in one go', async () => {
    const own = await harness.register()
    await harness.owner`
      insert into incidents (timer_id, occurred_at, notes)
      select t.id, now() - make_interval(mins => n), 'note ' || n from timers t, generate_series(1, 100000) n where t.user_id = ${own.user.id}
    `
    expect((await remove(own.token)).status).toBe(204)
    expect(await harness.owner`select from incidents where notes = 'note 99999'`).toHaveLength(0)
  })
})

describe('the last active administrator', () => {
  const site = useHarness()
  const leave = (token: string) => site.call('DELETE', '/account', { token, body: { password: PASSWORD } })
  const admin = async () => {
    const account = await site.register()
    await grantRole(site.sql, account.user.id, 'admin')
    return account
  }

  test('cannot go while there are others, not by two at once either; alone, or when there is another, they can', async () => {
    const [first, second, user] = [await admin(), await admin(), await site.register()]
    const answers = await Promise.all([leave(first.token), leave(second.token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    const refused = answers.find(({ status }) => status === 409)!
    expectProblem(refused, 409, 'LAST_ADMIN')
    const rest = answers[0] === refused ? first : second
    // A deactivated administrator is none to stay behind.
    const third = await admin()
    await site.owner`update users set active = false where id = ${third.user.id}`
    expectProblem(await leave(rest.token), 409, 'LAST_ADMIN')
    await site.owner`delete from users where id in ${site.owner([third.user.id, user.user.id])}`
    expect((await leave(rest.token)).status).toBe(204)
  })
})
