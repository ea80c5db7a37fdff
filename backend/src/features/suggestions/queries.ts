import type { NewSuggestion, Suggestion, WaitingSuggestion } from '@kennwilliamson/contracts/phrases'
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

/** What a user suggested, newest first, older than the one of id `before`. */
export async function listSuggestions(
  sql: Sql,
  userId: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<Suggestion[]> {
  return await sql<Suggestion[]>`
    select id, phrase_text, status, admin_reason, created_at, updated_at
    from phrase_suggestions
    where user_id = ${userId} and id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by id desc
    limit ${limit}
  `
}

/** Decisions that a user has not been shown, newest first, older than the one of id `before`. */
export async function listUnseenDecisions(
  sql: Sql,
  userId: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<Suggestion[]> {
  return await sql<Suggestion[]>`
    select id, phrase_text, status, admin_reason, created_at, updated_at
    from phrase_suggestions
    where user_id = ${userId} and decided_at is not null and seen_at is null
      and id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by id desc
    limit ${limit}
  `
}

/** How much a user suggested, and of how much of it they have not been shown the decision. */
export async function countSuggestions(sql: Sql, userId: string): Promise<{ all: number; unseen: number }> {
  const [row] = await sql<{ all: number; unseen: number }[]>`
    select count(*)::int as all, (count(*) filter (where decided_at is not null and seen_at is null))::int as unseen
    from phrase_suggestions
    where user_id = ${userId}
  `
  return row ?? { all: 0, unseen: 0 }
}

/** Notes that a user was shown these decisions. What waits, and what is not theirs, is passed over. */
export async function markDecisionsSeen(sql: Sql, userId: string, ids: string[]): Promise<void> {
  await sql`
    update phrase_suggestions set seen_at = now()
    where user_id = ${userId} and id = any(${ids}::uuid[]) and decided_at is not null and seen_at is null
  `
}

/** What waits for a decision, oldest first, younger than the one of id `after`. */
export async function listWaitingSuggestions(
  sql: Sql,
  { after, limit }: { after: string | null; limit: number },
): Promise<WaitingSuggestion[]> {
  return await sql<WaitingSuggestion[]>`
    select
      s.id, s.phrase_text, s.status, s.admin_reason, s.created_at, s.updated_at,
      u.display_name as user_display_name, u.slug as user_slug
    from phrase_suggestions s
    join users u on u.id = s.user_id
    where s.status = 'pending' and s.id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
    order by s.id
    limit ${limit}
  `
}

/** How much waits for a decision. */
export async function countWaitingSuggestions(sql: Sql): Promise<number> {
  const [row] = await sql<{ total: number }[]>`
    select count(*)::int as total from phrase_suggestions where status = 'pending'
  `
  return row?.total ?? 0
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
