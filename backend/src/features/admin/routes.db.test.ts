import type { AdminUserList } from '@kennwilliamson/contracts/admin'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import type { ResetLink } from '@kennwilliamson/contracts/recovery'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, SITE_URL, useHarness } from '../../testing/harness.ts'
import { grantRole } from '../roles/queries.ts'

const harness = useHarness()
let admin: SessionAnswer

beforeAll(async () => {
  admin = await harness.registerAdmin()
})

const act = (userId: string, what: string, token = admin.token) =>
  harness.call('POST', `/admin/users/${userId}/${what}`, { token })
const list = async (query = '', token = admin.token) =>
  (await harness.call('GET', `/admin/users${query}`, { token })).body as AdminUserList
const search = async (q: string) => (await list(`?q=${encodeURIComponent(q)}`)).users.map(({ id }) => id)
const signIn = ({ user }: SessionAnswer, password = PASSWORD) =>
  harness.call('POST', '/auth/login', { body: { email: user.email, password } })
const isAlive = async ({ token }: SessionAnswer) => (await harness.call('GET', '/auth/me', { token })).status === 200
const eventsOf = async ({ user }: SessionAnswer, action: string) =>
  await harness.owner`select actor_id, subject_id, by_operator from audit_events where subject_id = ${user.id} and action = ${action}`
const byAdmin = ({ user }: SessionAnswer) => ({ actor_id: admin.user.id, subject_id: user.id, by_operator: false })

const ROUTES = ['reset-link', 'deactivate', 'activate', 'sign-out', 'promote', 'demote'] as const

describe('who may', () => {
  test('administrators only: 401 for nobody, 403 for users, whatever is asked for', async () => {
    const [user, victim] = [await harness.register(), await harness.register()]
    const asked = [
      ['GET', '/admin/users'],
      ...ROUTES.flatMap((what) => [victim.user.id, admin.user.id, 'no-uuid'].map((id) => ['POST', `/admin/users/${id}/${what}`])),
    ] as [string, string][]
    for (const [method, path] of asked) {
      expectProblem(await harness.call(method, path), 401, 'UNAUTHENTICATED')
      expectProblem(await harness.call(method, path, { token: user.token }), 403, 'FORBIDDEN')
    }
    expect(await isAlive(victim)).toBe(true)
    expect(await harness.owner`select from one_time_codes`).toHaveLength(0)
  })

  test('the role is that of the database, now, and not of the token', async () => {
    const other = await harness.registerAdmin()
    expect((await harness.call('GET', '/admin/users', { token: other.token })).status).toBe(200)
    await harness.owner`delete from user_roles where user_id = ${other.user.id} and role_id = (select id from roles where name = 'admin')`
    expectProblem(await harness.call('GET', '/admin/users', { token: other.token }), 403, 'FORBIDDEN')
  })
})

describe('GET /admin/users', () => {
  test('shows each account with its roles, whether it is active, and when it was last seen', async () => {
    const own = await harness.register()
    const [found] = (await list(`?q=${own.user.email}`)).users
    expect(found).toEqual({ ...own.user, active: true, last_seen_at: expect.any(String) as string })
    expect(Math.abs(Date.parse(found?.last_seen_at ?? '') - Date.now())).toBeLessThan(60_000)
    await harness.owner`update users set active = false where id = ${own.user.id}`
    await harness.owner`delete from sessions where user_id = ${own.user.id}`
    expect((await list(`?q=${own.user.email}`)).users[0]).toMatchObject({ active: false, last_seen_at: null })
    expect((await list(`?q=${admin.user.email}`)).users[0]?.roles).toEqual(['user', 'admin'])
  })

  test('P04: no hash, no address of a device and no note is in it', async () => {
    const own = await harness.register()
    await harness.call('POST', '/incident-timers', { token: own.token, body: { notes: 'not for administrators' } })
    const { text } = await harness.call('GET', '/admin/users', { token: admin.token })
    expect(text).not.toMatch(/argon2|hash|"ip"|10\.\d+\.\d+\.\d+|not for administrators/)
  })

  test('is searched in address, name and slug, without case, and nothing in the search is a wildcard', async () => {
    const own = await harness.register({ email: 'find.me_100@example.org', display_name: 'Éva 100% Müller-Şahin' })
    const id = own.user.id
    for (const q of ['FIND.ME_100', 'éva 100% müller', 'MÜLLER-ŞAHIN', own.user.slug, '0% M', 'e_100@'])
      expect([q, await search(q)]).toEqual([q, [id]])
    for (const q of ['find_me', 'f%100', '%Éva%', 'Éva_100', '\\', "' or 1=1 --", 'ÉvaMüller'])
      expect([q, await search(q)]).toEqual([q, []])
    expect((await search('')).length).toBeGreaterThan(1)
  })

  test('D05: is read by pages, newest first, that stay the same while accounts are added', async () => {
    const made = []
    for (let n = 0; n < 5; n++) made.push((await harness.register({ display_name: `Paged ${n}` })).user.id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: AdminUserList = await list(`?q=paged&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      expect(page.users.length).toBeLessThanOrEqual(2)
      if (cursor === null) await harness.register({ display_name: 'Paged late' })
      seen.push(...page.users.map(({ id }) => id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toEqual(made.toReversed())
    for (const query of [
      '?limit=0',
      '?limit=101',
      '?limit=x',
      '?cursor=!',
      '?cursor=bm90aGluZw',
      `?q=${'x'.repeat(101)}`,
      '?q=a%00b',
    ])
      expectProblem(await harness.call('GET', `/admin/users${query}`, { token: admin.token }), 400, 'INVALID_INPUT')
  })
})

describe('POST /admin/users/{id}/reset-link', () => {
  test('201 with a link that works once, made by the administrator', async () => {
    const own = await harness.register()
    const answer = await act(own.user.id, 'reset-link')
    expect(answer.status).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { url } = answer.body as ResetLink
    expect(url.startsWith(`${SITE_URL}/reset#`)).toBe(true)
    expect(await eventsOf(own, 'reset_link_made')).toEqual([byAdmin(own)])
    const body = { token: url.split('#')[1], new_password: 'a louder day in the south' }
    expect((await harness.call('POST', '/auth/reset-password', { body })).status).toBe(204)
    expect((await signIn(own, body.new_password)).status).toBe(200)
  })

  test('A12: there is none for an administrator, oneself included', async () => {
    const other = await harness.register()
    expect((await act(other.user.id, 'reset-link')).status).toBe(201)
    await grantRole(harness.sql, other.user.id, 'admin')
    expectProblem(await act(other.user.id, 'reset-link'), 403, 'FORBIDDEN')
    expectProblem(await act(admin.user.id, 'reset-link'), 403, 'FORBIDDEN')
    expect(await eventsOf(other, 'reset_link_made')).toHaveLength(1)
    await harness.owner`delete from users where id = ${other.user.id}`
  })

  test('there is none for a deactivated account', async () => {
    const own = await harness.register()
    await act(own.user.id, 'deactivate')
    expectProblem(await act(own.user.id, 'reset-link'), 403, 'ACCOUNT_DEACTIVATED')
  })
})

describe('POST /admin/users/{id}/deactivate and activate', () => {
  test('S10, A19: every token is dead at once, here and by word to all instances; signing in is told with the right password only', async () => {
    const own = await harness.register()
    const other = (await signIn(own)).body as SessionAnswer
    const heard: string[] = []
    const listening = await harness.owner.listen('revoked_sessions', (id) => heard.push(id))
    const answer = await act(own.user.id, 'deactivate')
    expect([answer.status, answer.body]).toEqual([200, { message: 'Account deactivated' }])
    expect([await isAlive(own), await isAlive(other)]).toEqual([false, false])
    for (const { refresh_token } of [own, other])
      expectProblem(await harness.call('POST', '/auth/refresh', { body: { refresh_token } }), 401, 'INVALID_REFRESH_TOKEN')
    await expect.poll(() => heard.length).toBe(2)
    await listening.unlisten()
    expectProblem(await signIn(own, 'wrong'), 401, 'INVALID_CREDENTIALS')
    expectProblem(await signIn(own), 403, 'ACCOUNT_DEACTIVATED')
    expect(await eventsOf(own, 'account_deactivated')).toEqual([byAdmin(own)])
  })

  test('what was public is 404 meanwhile, and there again afterwards; tokens from before stay dead', async () => {
    const own = await harness.register()
    await harness.call('POST', '/incident-timers', { token: own.token })
    const paths = [`/shared/${own.user.slug}/incident-timer`, `/${own.user.slug}/incident-timer`]
    const statuses = async () => await Promise.all(paths.map(async (path) => (await harness.call('GET', path)).status))
    expect(await statuses()).toEqual([200, 200])
    await act(own.user.id, 'deactivate')
    expect(await statuses()).toEqual([404, 404])
    const answer = await act(own.user.id, 'activate')
    expect([answer.status, answer.body]).toEqual([200, { message: 'Account activated' }])
    expect(await statuses()).toEqual([200, 200])
    expect(await isAlive(own)).toBe(false)
    expect((await signIn(own)).status).toBe(200)
    expect(await eventsOf(own, 'account_activated')).toEqual([byAdmin(own)])
  })

  test('a link to a new password from before is void, also once the account is active again', async () => {
    const own = await harness.register()
    const token = ((await act(own.user.id, 'reset-link')).body as ResetLink).url.split('#')[1]
    await act(own.user.id, 'deactivate')
    await act(own.user.id, 'activate')
    const body = { token, new_password: 'a louder day in the south' }
    expectProblem(await harness.call('POST', '/auth/reset-password', { body }), 400, 'INVALID_RESET_TOKEN')
  })

  test('twice does nothing more', async () => {
    const own = await harness.register()
    for (const what of ['deactivate', 'deactivate', 'activate', 'activate'])
      expect((await act(own.user.id, what)).status).toBe(200)
    expect([await eventsOf(own, 'account_deactivated'), await eventsOf(own, 'account_activated')]).toEqual([
      [byAdmin(own)],
      [byAdmin(own)],
    ])
  })

  test('the last active administrator cannot be deactivated, not by two who do it to each other either', async () => {
    const second = await harness.registerAdmin()
    const third = await harness.registerAdmin()
    await act(third.user.id, 'deactivate')
    const answers = await Promise.all([
      act(second.user.id, 'deactivate', admin.token),
      act(admin.user.id, 'deactivate', second.token),
    ])
    const statuses = answers.map(({ status }) => status)
    // One does it; the other is the last one then, or not signed in any more, or no active administrator when the role is read.
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.every((status) => [200, 401, 403, 409].includes(status))).toBe(true)
    const last = statuses[0] === 200 ? admin : second
    expectProblem(await act(last.user.id, 'deactivate', last.token), 409, 'LAST_ADMIN')
    expect(await isAlive(last)).toBe(true)
    for (const { user } of [admin, second]) await act(user.id, 'activate', last.token)
    admin = (await signIn(admin)).body
  })
})

describe('POST /admin/users/{id}/sign-out', () => {
  test('S10: every session is dead at once; signing in again is possible', async () => {
    const own = await harness.register()
    await signIn(own)
    const answer = await act(own.user.id, 'sign-out')
    expect([answer.status, answer.body]).toEqual([200, { message: 'Revoked 2 tokens' }])
    expect(await isAlive(own)).toBe(false)
    expect((await signIn(own)).status).toBe(200)
    expect(await eventsOf(own, 'signed_out_everywhere')).toEqual([byAdmin(own)])
    await act(own.user.id, 'sign-out')
    expect((await act(own.user.id, 'sign-out')).body).toEqual({ message: 'Revoked 0 tokens' })
    expect(await eventsOf(own, 'signed_out_everywhere')).toHaveLength(2)
  })
})

describe('a user that is not there', () => {
  test.each(ROUTES)('is 404 for %s, as is what cannot be an id', async (what) => {
    for (const id of ['0198a9a0-0000-7000-8000-000000000000', 'x', admin.user.id.toUpperCase(), '%00', '..'])
      expect([id, (await act(id, what)).status]).toEqual([id, 404])
    expectProblem(await act('0198a9a0-0000-7000-8000-000000000000', what), 404, 'USER_NOT_FOUND')
    expectProblem(await act('x', what), 404, 'USER_NOT_FOUND')
  })
})
