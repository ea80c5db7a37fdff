import { describe, expect, inject, test } from 'vitest'
import { cloneTemplate } from '@kennwilliamson/database/testing/template-database'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { buildTestApp, expectProblem, PASSWORD, randomAddress, testConfig, useHarness } from './testing/harness.ts'
import { openDatabase } from './platform/database.ts'

const harness = useHarness()

test('A18: a new installation has no account at all, and the usual ones do not open it', async () => {
  const database = await cloneTemplate(inject('superuserUrl'))
  const sql = openDatabase(database.url)
  const { app } = buildTestApp(testConfig('postgres://unused'), sql)
  const [row] = await sql<{ users: number; sessions: number }[]>`
    select (select count(*) from users)::int as users, (select count(*) from sessions)::int as sessions
  `
  expect(row).toEqual({ users: 0, sessions: 0 })
  for (const email of ['admin', 'admin@example.org', 'admin@localhost', 'root@localhost', 'test@example.org', 'postgres']) {
    for (const password of ['admin', 'password', 'changeme', 'test', '12345678']) {
      const payload = { email, password }
      const answer = await app.inject({ method: 'POST', url: '/backend/auth/login', payload, remoteAddress: randomAddress() })
      expect([401, 429]).toContain(answer.statusCode)
    }
  }
  await app.close()
  await sql.end({ timeout: 1 })
  await database.drop()
})

describe('A08: a password of a megabyte', () => {
  test.each(['/auth/login', '/auth/register'])('POST %s: is refused before anything is hashed', async (path) => {
    const body = { email: 'big@example.org', password: 'x'.repeat(1_000_000), display_name: 'Big' }
    const times: number[] = []
    for (let sample = 0; sample < 5; sample++) {
      const began = performance.now()
      expectProblem(await harness.call('POST', path, { body, ip: randomAddress() }), 413, 'BODY_TOO_LARGE')
      times.push(performance.now() - began)
    }
    // The machine may be busy once, not five times.
    expect(Math.min(...times)).toBeLessThan(50)
  })
})

describe('Z04: keys that nobody may set', () => {
  const planted = {
    id: '0198a9a0-0000-7000-8000-000000000000',
    user_id: '0198a9a0-0000-7000-8000-000000000000',
    role: 'admin',
    roles: ['user', 'admin'],
    is_admin: true,
    isAdmin: true,
    active: false,
    email_verified: true,
    password_hash: 'planted',
    created_at: '2001-01-01T00:00:00Z',
    updated_at: '2001-01-01T00:00:00Z',
    revision: 1_000_000,
    is_default: false,
  }
  // As text, because an object literal would set the prototype instead.
  const polluted = `${JSON.stringify(planted).slice(0, -1)},"__proto__":{"roles":["admin"]},"constructor":{"prototype":{"roles":["admin"]}}`
  const json = { 'content-type': 'application/json' }

  test('sign-up makes an ordinary account', async () => {
    const body = `${polluted},"email":"plain@example.org","password":"${PASSWORD}","display_name":"Plain"}`
    const answer = await harness.call('POST', '/auth/register', { body, headers: json, ip: randomAddress() })
    const { user } = answer.body as SessionAnswer
    expect([answer.status, user.roles]).toEqual([201, ['user']])
    const [row] = await harness.owner`
      select id <> ${planted.id} as own_id, active, password_hash like '$argon2id$%' as hashed, created_at > now() - interval '1 hour' as new
      from users where id = ${user.id}
    `
    expect(row).toEqual({ own_id: true, active: true, hashed: true, new: true })
    expect({}).not.toHaveProperty('roles')
  })

  test('sign-in, a reset and a change of one keep to the caller’s own', async () => {
    const { token, user } = await harness.register()
    const login = await harness.call('POST', '/auth/login', {
      body: `${polluted},"email":"${user.email}","password":"${PASSWORD}"}`,
      headers: json,
      ip: randomAddress(),
    })
    expect((login.body as SessionAnswer).user).toEqual(user)
    const made = await harness.call('POST', '/incident-timers', { token, headers: json, body: `${polluted},"notes":"mine"}` })
    expect(made.status).toBe(201)
    const { id } = made.body as { id: string }
    expect(id).not.toBe(planted.id)
    await harness.call('PUT', `/incident-timers/${id}`, { token, headers: json, body: `${polluted},"notes":"still mine"}` })
    const rows = await harness.owner`
      select i.notes, t.user_id, t.is_default, t.revision < 1000 as counted, i.created_at > now() - interval '1 hour' as new
      from incidents i join timers t on t.id = i.timer_id where i.id = ${id}
    `
    expect(rows).toEqual([{ notes: 'still mine', user_id: user.id, is_default: true, counted: true, new: true }])
  })
})

describe('Z03: a list', () => {
  test('holds the caller’s own rows alone, whatever the query asks for', async () => {
    const [own, other] = [await harness.register(), await harness.register()]
    await harness.call('POST', '/incident-timers', { token: other.token, body: { notes: 'not yours' } })
    await harness.call('POST', '/incident-timers', { token: own.token, body: { notes: 'mine' } })
    const asked = [
      `user_id=${other.user.id}`,
      `userId=${other.user.id}&owner=${other.user.slug}`,
      `filter[user_id]=${other.user.id}`,
      `user_slug=${other.user.slug}`,
      `include=user,users,password_hash`,
      `fields=password_hash&sort=password_hash`,
      `sort=notes;select%201&order=user_id`,
      `limit=1000&offset=-1&all=true`,
      `q=%27%20or%201=1%20--`,
    ]
    for (const query of asked) {
      const incidents = await harness.call('GET', `/incident-timers?${query}`, { token: own.token })
      expect(incidents.body, query).toMatchObject([{ notes: 'mine' }])
      const timers = await harness.call('GET', `/timers?${query}`, { token: own.token })
      expect((timers.body as { timers: unknown[] }).timers, query).toHaveLength(1)
      for (const { text } of [incidents, timers]) {
        for (const foreign of ['not yours', other.user.id, other.user.email, 'argon2id']) expect(text).not.toContain(foreign)
      }
    }
  })

  test('the other’s row would be seen where it is', async () => {
    const { token } = await harness.register()
    await harness.call('POST', '/incident-timers', { token, body: { notes: 'not yours' } })
    expect((await harness.call('GET', '/incident-timers', { token })).text).toContain('not yours')
  })
})

describe('P05: what is not shown', () => {
  test('cannot be counted: no key that is public follows another, and none is a number', async () => {
    const people = [await harness.register(), await harness.register(), await harness.register()]
    for (const { token } of people) await harness.call('POST', '/incident-timers', { token })
    const texts = await Promise.all(
      people.map(async ({ user }) => (await harness.call('GET', `/shared/${user.slug}/incident-timer`)).text),
    )
    for (const text of texts) {
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/)
      // `revision` counts the changes of this timer alone: it is the same for three people who did the same.
      expect(JSON.parse(text)).toMatchObject({ revision: (JSON.parse(texts[0] ?? '') as { revision: number }).revision })
    }
    const ids = people.map(({ user }) => BigInt(`0x${user.id.replaceAll('-', '')}`))
    // UUIDv7: the time in front, 62 random bits at the end, so that the next one cannot be guessed from the last.
    const tails = ids.map((id) => id & ((1n << 62n) - 1n))
    for (const [index, tail] of tails.entries()) {
      const before = tails[index - 1]
      if (before !== undefined) expect(tail > before ? tail - before : before - tail).toBeGreaterThan(1n << 20n)
    }
  })
})

test('D03: a count of failures holds for every instance, and survives the one that counted', async () => {
  const { user } = await harness.register()
  const login = {
    method: 'POST' as const,
    url: '/backend/auth/login',
    payload: { email: user.email, password: 'wrong password' },
  }
  const instances = [1, 2, 3].map(() => buildTestApp(testConfig('postgres://unused'), harness.sql).app)
  const statuses: number[] = []
  for (let attempt = 0; attempt < 7; attempt++) {
    const app = instances[attempt % 3]
    if (app) statuses.push((await app.inject({ ...login, remoteAddress: randomAddress() })).statusCode)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429])
  for (const app of instances) await app.close()
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql)
  expect((await app.inject({ ...login, remoteAddress: randomAddress() })).statusCode).toBe(429)
  await app.close()
})
