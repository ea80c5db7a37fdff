import { expect, inject, test } from 'vitest'
import postgres from 'postgres'
import { cloneTemplate } from './testing/template-database.ts'

test('A18: a migrated database holds no account, no session and nothing that opens one', async () => {
  const database = await cloneTemplate(inject('superuserUrl'))
  const sql = postgres(database.ownerUrl, { max: 1 })
  const [counts] = await sql<{ users: number; sessions: number; codes: number }[]>`
    select
      (select count(*)::int from users) as users,
      (select count(*)::int from sessions) as sessions,
      (select count(*)::int from one_time_codes) as codes
  `
  expect(counts).toEqual({ users: 0, sessions: 0, codes: 0 })
  await sql.end({ timeout: 2 })
  await database.drop()
})
