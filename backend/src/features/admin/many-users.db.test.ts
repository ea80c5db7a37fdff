import { beforeAll, describe, expect, test } from 'vitest'
import { explain, rowsOf, wholeTables } from '../../testing/explain.ts'
import { useHarness } from '../../testing/harness.ts'
import { listAuditEntries, listUsers, searchUsers } from './queries.ts'

const harness = useHarness()
const USERS = 20_000
const page = { before: null, limit: 51 }

beforeAll(async () => {
  await harness.owner`
    insert into users (email, password_hash, display_name, slug)
    select md5(n::text) || '@example.org', 'none', 'Somebody ' || md5('name' || n), 'slug-' || n from generate_series(1, ${USERS}::int) n
  `
  await harness.owner`
    insert into audit_events (action, actor_id, subject_id)
    select case when n % 4000 = 0 then 'password_reset' else 'signed_in' end, null, null from generate_series(1, 40000) n
  `
  await harness.owner`vacuum analyze users, audit_events`
}, 120_000)

describe('of 20,000 accounts', () => {
  test('a page reads a page', async () => {
    const plan = await explain(harness.owner, (sql) => listUsers(sql, page))
    expect(wholeTables(plan)).toEqual([])
    expect(rowsOf(plan)).toBeLessThan(300)
  })

  test.each(['c4ca4238a0', 'slug-19999', 'SLUG-19999', 'c4ca4238a0b923820dcc509a6f75849b@EXAMPLE.ORG'])(
    '%s is found by index',
    async (q) => {
      const plan = await explain(harness.owner, (sql) => searchUsers(sql, q, page))
      expect(plan.map(({ index }) => index)).toContain('users_search_idx')
      expect(wholeTables(plan)).toEqual([])
      expect(rowsOf(plan)).toBeLessThan(100)
      expect(await searchUsers(harness.sql, q, page)).toHaveLength(1)
    },
  )

  test('what all have in common is found too, newest first', async () => {
    const found = await searchUsers(harness.sql, 'example.org', page)
    expect(found).toHaveLength(51)
    expect(found.map(({ id }) => id)).toEqual(
      found
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    )
    const next = await searchUsers(harness.sql, 'example.org', { before: found.at(-1)?.id ?? null, limit: 1 })
    expect((next[0]?.id ?? 'z') < (found.at(-1)?.id ?? '')).toBe(true)
  })

  test.each(['%', '_', String.raw`\\`, '%%', 'slug_19999', 'slug%9'])('I01: %s means itself', async (q) => {
    expect(await searchUsers(harness.sql, q, page)).toEqual([])
  })

  test('events of a rare kind are found by index', async () => {
    const wish = { action: 'password_reset', user: null, before: null, limit: 51 }
    const plan = await explain(harness.owner, (sql) => listAuditEntries(sql, wish))
    expect(plan.map(({ index }) => index)).toContain('audit_events_action_idx')
    expect(rowsOf(plan)).toBeLessThan(200)
  })

  test('a statement without an index would be found out: the control', async () => {
    const plan = await explain(harness.owner, (sql) => sql`select id from users where strpos(display_name, ${'c4ca4238a0'}) > 0`)
    expect(wholeTables(plan)).toHaveLength(1)
  })
})
