import { CORE_LIST_LIMIT } from '@kennwilliamson/contracts/paging'
import type { NewSuggestion, Suggestion } from '@kennwilliamson/contracts/phrases'
import type { Sql } from '../../platform/database.ts'

/** Keeps a suggestion. */
export async function insertSuggestion(sql: Sql, userId: string, phraseText: string): Promise<NewSuggestion> {
  const [row] = await sql<NewSuggestion[]>`
    insert into phrase_suggestions (user_id, phrase_text)
    values (${userId}, ${phraseText})
    returning id, user_id, phrase_text, status, admin_id, admin_reason, created_at, updated_at
  `
  if (!row) throw new Error('an insert returned no row')
  return row
}

/** What a user suggested, newest first, and how much that is. */
export async function listSuggestions(sql: Sql, userId: string): Promise<(Suggestion & { total: number })[]> {
  return await sql<(Suggestion & { total: number })[]>`
    select id, phrase_text, status, admin_reason, created_at, updated_at, (count(*) over ())::int as total
    from phrase_suggestions
    where user_id = ${userId}
    order by id desc
    limit ${CORE_LIST_LIMIT}
  `
}

/** What waits for a decision, oldest first, and how much that is. */
export async function listPendingSuggestions(sql: Sql): Promise<(Suggestion & { total: number })[]> {
  return await sql<(Suggestion & { total: number })[]>`
    select id, phrase_text, status, admin_reason, created_at, updated_at, (count(*) over ())::int as total
    from phrase_suggestions
    where status = 'pending'
    order by id
    limit ${CORE_LIST_LIMIT}
  `
}

/** Takes back a user's suggestion that waits. False when there is none that does. */
export async function deletePendingSuggestion(sql: Sql, userId: string, suggestionId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    delete from phrase_suggestions
    where id = ${suggestionId} and user_id = ${userId} and status = 'pending'
    returning id
  `
  return rows.length > 0
}

/** Whether there is such a suggestion, of this user where one is given. */
export async function hasSuggestion(sql: Sql, suggestionId: string, userId: string | null): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    select id from phrase_suggestions where id = ${suggestionId} and (${userId}::uuid is null or user_id = ${userId}::uuid)
  `
  return rows.length > 0
}

/** Decides a suggestion that waits, and gives what it said and whose it is. Null when none waits: of many at once, one decides. */
export async function decideSuggestion(
  sql: Sql,
  suggestionId: string,
  { status, adminId, reason }: { status: 'approved' | 'rejected'; adminId: string; reason: string | null },
): Promise<{ phrase_text: string; user_id: string } | null> {
  const [row] = await sql<{ phrase_text: string; user_id: string }[]>`
    update phrase_suggestions
    set status = ${status}, admin_id = ${adminId}, admin_reason = ${reason}, decided_at = now()
    where id = ${suggestionId} and status = 'pending'
    returning phrase_text, user_id
  `
  return row ?? null
}

/** Notes which phrase a suggestion became. */
export async function setPhraseOf(sql: Sql, suggestionId: string, phraseId: string): Promise<void> {
  await sql`update phrase_suggestions set phrase_id = ${phraseId} where id = ${suggestionId}`
}
