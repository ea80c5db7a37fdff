import type { AdminStats, AuditList } from '@kennwilliamson/contracts/admin'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
let [first, second]: SessionAnswer[] = []

/** Two administrators, and nobody else. */
beforeEach(async () => {
  await harness.owner`delete from user_roles where role_id = (select id from roles where name = 'admin')`
  ;[first, second] = [await harness.registerAdmin(), await harness.registerAdmin()]
})

const act = (by: SessionAnswer | undefined, whom: SessionAnswer | undefined, what: string) =>
  harness.call('POST', `/admin/users/${whom?.user.id ?? ''}/${what}`, { token: by?.token ?? '' })
const administrators = async () =>
  (
    await harness.owner<{ id: string }[]>`
      select u.id from user_roles ur join roles r on r.id = ur.role_id and r.name = 'admin' join users u on u.id = ur.user_id and u.active`
  ).map(({ id }) => id)
const eventsOf = async ({ user }: SessionAnswer) =>
  (
    await harness.owner<{ action: string; actor_id: string }[]>`
      select action, actor_id from audit_events where subject_id = ${user.id} and action like 'admin%' order by id`
  ).map(({ action, actor_id }) => `${action} by ${actor_id}`)

describe('POST /admin/users/{id}/promote and demote', () => {
  test('give the role and take it away, at once, and are written down; twice does nothing more', async () => {
    const user = await harness.register()
    expect((await act(user, first, 'demote')).status).toBe(403)
    for (const what of ['promote', 'promote']) expect((await act(first, user, what)).status).toBe(200)
    expect((await harness.call('GET', '/admin/stats', { token: user.token })).status).toBe(200)
    for (const what of ['demote', 'demote']) expect((await act(second, user, what)).status).toBe(200)
    expectProblem(await harness.call('GET', '/admin/stats', { token: user.token }), 403, 'FORBIDDEN')
    expect(await eventsOf(user)).toEqual([
      `admin_granted by ${first?.user.id ?? ''}`,
      `admin_revoked by ${second?.user.id ?? ''}`,
    ])
  })

  test('a deactivated account is not made one', async () => {
    const user = await harness.register()
    await act(first, user, 'deactivate')
    expectProblem(await act(first, user, 'promote'), 403, 'ACCOUNT_DEACTIVATED')
  })

  test('one may give it up, but not as the last; a deactivated administrator is none', async () => {
    await act(first, second, 'deactivate')
    expectProblem(await act(first, first, 'demote'), 409, 'LAST_ADMIN')
    await act(first, second, 'activate')
    expect((await act(first, first, 'demote')).status).toBe(200)
    expect(await administrators()).toEqual([second?.user.id])
  })

  const remove = (by: SessionAnswer | undefined) =>
    harness.call('DELETE', '/account', { token: by?.token ?? '', body: { password: PASSWORD } })
  test.each([
    ['demote', 'demote'],
    ['demote', 'deactivate'],
    ['deactivate', 'deactivate'],
    ['demote', 'delete their account'],
    ['delete their account', 'delete their account'],
  ])('of two who at once %s and %s one remains', async (one, other) => {
    for (let round = 0; round < 5; round++) {
      await harness.owner`delete from user_roles where role_id = (select id from roles where name = 'admin')`
      const [a, b] = [await harness.registerAdmin(), await harness.registerAdmin()]
      const answers = await Promise.all([
        one === 'delete their account' ? remove(a) : act(a, b, one),
        other === 'delete their account' ? remove(b) : act(b, a, other),
      ])
      const statuses = answers.map(({ status }) => status)
      expect((await administrators()).length, `${statuses.join(' ')} in round ${round}`).toBeGreaterThanOrEqual(1)
      expect(statuses.every((status) => [200, 204, 401, 403, 404, 409].includes(status))).toBe(true)
    }
  })
})

describe('GET /admin/stats', () => {
  const stats = async () => (await harness.call('GET', '/admin/stats', { token: first?.token ?? '' })).body as AdminStats

  test('tells of the installation', async () => {
    const before = await stats()
    const user = await harness.register()
    await harness.call('POST', '/phrases/suggestions', { token: user.token, body: { phrase_text: 'Something to count' } })
    await act(first, await harness.register(), 'deactivate')
    const after = await stats()
    expect(after).toMatchObject({
      users: before.users + 2,
      users_active: before.users_active + 1,
      administrators: 2,
      timers: before.timers + 2,
      suggestions_pending: before.suggestions_pending + 1,
      version: '0.0.0-test',
      registration: 'open',
      backup: null,
      proof: null,
    })
    expect(after.database_bytes).toBeGreaterThan(1_000_000)
    expect(after.database_version).toMatch(/^17\./)
    expect(after.migration).toBeGreaterThanOrEqual(9)
  })

  test('tells of the newest backup, also of one that failed', async () => {
    await harness.owner`insert into backup_runs (kind, succeeded, duration_ms, finished_at) values ('backup', true, 1, now() - interval '1 day')`
    expect((await stats()).backup).toMatchObject({ succeeded: true })
    await harness.owner`insert into backup_runs (kind, succeeded, duration_ms) values ('backup', false, 1)`
    expect((await stats()).backup).toMatchObject({ succeeded: false })
    expect((await stats()).proof).toBe(null)
  })
})

describe('the certificate in GET /admin/stats', () => {
  const ends = Date.parse('2031-05-01T00:00:00Z')
  let seen: number | null = ends
  const watched = useHarness({ parts: () => ({ probeCertificate: async () => seen }) })

  test('has its end, null where it cannot be seen; without a probe there is none', async () => {
    const token = (await watched.registerAdmin()).token
    const certificate = async () => ((await watched.call('GET', '/admin/stats', { token })).body as AdminStats).certificate
    expect(await certificate()).toEqual({ expires_at: '2031-05-01T00:00:00.000Z' })
    seen = null
    expect(await certificate()).toEqual({ expires_at: null })
    const unwatched = (await harness.call('GET', '/admin/stats', { token: first?.token ?? '' })).body as AdminStats
    expect(unwatched.certificate).toBe(null)
  })
})

describe('GET /admin/audit', () => {
  const list = async (query: string) =>
    (await harness.call('GET', `/admin/audit${query}`, { token: first?.token ?? '' })).body as AuditList

  test('has what happened, by whom and to whom, newest first, by pages that stay the same', async () => {
    const user = await harness.register({ display_name: 'Subject of it' })
    await act(first, user, 'promote')
    await act(first, user, 'demote')
    const { events } = await list(`?user=${user.user.id}`)
    expect(events.map(({ action }) => action)).toEqual(['admin_revoked', 'admin_granted', 'registered'])
    expect(events[0]).toMatchObject({
      actor_id: first?.user.id,
      actor_name: first?.user.display_name,
      subject_id: user.user.id,
      subject_name: 'Subject of it',
      by_operator: false,
    })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: AuditList = await list(`?user=${user.user.id}&limit=1${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.events.map(({ action }) => action))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual(events.map(({ action }) => action))
  })

  test('can be had of one kind, of whoever did it, and of accounts that are gone', async () => {
    const user = await harness.register()
    await act(first, user, 'promote')
    expect((await list('?action=admin_granted')).events.every(({ action }) => action === 'admin_granted')).toBe(true)
    expect((await list(`?action=admin_granted&user=${first?.user.id ?? ''}`)).events).toHaveLength(1)
    await harness.owner`delete from users where id = ${user.user.id}`
    expect((await list('?action=admin_granted')).events[0]).toMatchObject({ subject_name: null })
  })

  test('refuses what it cannot look for', async () => {
    for (const query of ['action=DROP', 'action=', 'user=x', 'limit=0', 'cursor=!'])
      expectProblem(await harness.call('GET', `/admin/audit?${query}`, { token: first?.token ?? '' }), 400, 'INVALID_INPUT')
  })
})
