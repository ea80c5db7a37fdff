import type { Mood } from '@kennwilliamson/contracts/moods'
import { CORE_LIST_LIMIT } from '@kennwilliamson/contracts/paging'
import type {
  AdminPhrase,
  CreatePhraseRequest,
  ExcludedPhrase,
  Phrase,
  UpdatePhraseRequest,
  UserPhrase,
} from '@kennwilliamson/contracts/phrases'
import type { Sql } from '../../platform/database.ts'
import type { CurrentRun } from './mood.ts'

/** The phrase of a mood from that share of all numbers on (0 up to 1), which the user has not hidden; from the first on after the last. */
export async function findPhraseByLuck(
  sql: Sql,
  { userId, mood, luck }: { userId: string; mood: Mood; luck: number },
): Promise<string | null> {
  const [row] = await sql<{ phrase_text: string }[]>`
    with start as (select floor(${luck}::float8 * (coalesce(max(place), 0) + 1))::int as place from phrases)
    (
      select p.phrase_text
      from phrases p
      where p.active and p.mood = ${mood} and p.place >= (select place from start)
        and not exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = p.id)
      order by p.place
      limit 1
    )
    union all
    (
      select p.phrase_text
      from phrases p
      where p.active and p.mood = ${mood} and p.place < (select place from start)
        and not exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = p.id)
      order by p.place
      limit 1
    )
    limit 1
  `
  return row?.phrase_text ?? null
}

/**
 * Draws numbers until one is that of a phrase which may be shown, thirty times at most: so each is as likely as any other, and nothing is
 * sorted. Null when none of them was.
 */
export async function drawPhrase(sql: Sql, userId: string): Promise<string | null> {
  const [row] = await sql<{ phrase_text: string }[]>`
    with last as (select max(place) as place from phrases),
    drawn as (
      select n, (1 + floor(random() * last.place))::int as place from last, generate_series(1, 30) as n
    )
    select p.phrase_text
    from drawn d
    join phrases p on p.place = d.place and p.active and p.mood <> 'milestone'
    where not exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = p.id)
    order by d.n
    limit 1
  `
  return row?.phrase_text ?? null
}

/** The run of the first timer of a user that anyone may see, the default one before others; null where nothing is public. */
export async function findPublicRun(sql: Sql, userSlug: string): Promise<{ ownerId: string; run: CurrentRun } | null> {
  const [row] = await sql<{ owner_id: string; timer_id: string; since: string; before_first: boolean; now: string }[]>`
    select
      u.id as owner_id, t.id as timer_id, coalesce(newest.occurred_at, t.started_at) as since,
      (newest.id is null) as before_first, now() as now
    from users u
    join timers t on t.user_id = u.id and t.share_level <> 'private' and t.archived_at is null
    left join lateral (
      select i.id, i.occurred_at
      from incidents i
      where i.timer_id = t.id and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 1
    ) newest on true
    where u.slug = ${userSlug} and u.active
    order by t.is_default desc, t.position
    limit 1
  `
  if (!row) return null
  const { owner_id, timer_id, since, before_first, now } = row
  return { ownerId: owner_id, run: { timerId: timer_id, since, beforeFirst: before_first, now } }
}

/** Whether the newest incident of a user's first timer lies less than 24 hours back. */
export async function hasFreshReset(sql: Sql, userId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    select i.id
    from timers t
    join incidents i on i.timer_id = t.id and i.undone_at is null and i.occurred_at > now() - interval '24 hours'
    where t.user_id = ${userId} and t.is_default
    limit 1
  `
  return rows.length > 0
}

/** Active phrases that a user has not hidden, newest first. */
export async function listPhrases(
  sql: Sql,
  userId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<Phrase[]> {
  return await sql<Phrase[]>`
    select p.id, p.phrase_text, p.active, p.created_by, p.created_at, p.updated_at
    from phrases p
    where p.active and not exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = p.id)
    order by p.id desc
    offset ${offset}
    limit ${limit}
  `
}

/** How many active phrases there are, and how many of them a user has hidden. */
export async function countPhrases(sql: Sql, userId: string): Promise<{ active: number; hidden: number }> {
  const [row] = await sql<{ active: number; hidden: number }[]>`
    select
      coalesce((select count(*) from phrases where active), 0)::int as active,
      coalesce((
        select count(*) from user_excluded_phrases e join phrases p on p.id = e.phrase_id and p.active where e.user_id = ${userId}
      ), 0)::int as hidden
  `
  return row ?? { active: 0, hidden: 0 }
}

interface UserList {
  /** Those alone that the user has hidden, or has not; null for both. */
  hidden: boolean | null
  before: string | null
  limit: number
}

/** Active phrases, newest first, each with whether the user has hidden it, or without those; older than the one of id `before`. */
export async function listUserPhrases(
  sql: Sql,
  userId: string,
  { hidden, before, limit }: UserList & { hidden: false | null },
): Promise<UserPhrase[]> {
  return await sql<UserPhrase[]>`
    select
      p.id, p.phrase_text, p.active, p.created_by, p.created_at, p.updated_at, (e.phrase_id is not null) as is_excluded
    from phrases p
    left join user_excluded_phrases e on e.user_id = ${userId} and e.phrase_id = p.id
    where p.active and p.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (${hidden}::bool is null or e.phrase_id is null)
    order by p.id desc
    limit ${limit}
  `
}

/** Active phrases that a user has hidden, newest first, older than the one of id `before`. */
export async function listHiddenPhrases(
  sql: Sql,
  userId: string,
  { before, limit }: Pick<UserList, 'before' | 'limit'>,
): Promise<UserPhrase[]> {
  return await sql<UserPhrase[]>`
    select p.id, p.phrase_text, p.active, p.created_by, p.created_at, p.updated_at, true as is_excluded
    from user_excluded_phrases e
    join phrases p on p.id = e.phrase_id and p.active
    where e.user_id = ${userId} and e.phrase_id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by e.phrase_id desc
    limit ${limit}
  `
}

/** The same of those in which words begin with those of `search`, a tsquery of the configuration `simple`. */
export async function searchUserPhrases(
  sql: Sql,
  userId: string,
  search: string,
  { hidden, before, limit }: UserList,
): Promise<UserPhrase[]> {
  return await sql<UserPhrase[]>`
    with found as materialized (
      select p.id, p.phrase_text, p.active, p.created_by, p.created_at, p.updated_at
      from phrases p
      where p.active and to_tsvector('simple', p.phrase_text) @@ to_tsquery('simple', ${search})
        and p.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    )
    select
      f.id, f.phrase_text, f.active, f.created_by, f.created_at, f.updated_at,
      exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = f.id) as is_excluded
    from found f
    where ${hidden}::bool is null
      or ${hidden}::bool = exists (select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = f.id)
    order by f.id desc
    limit ${limit}
  `
}

/** How many active phrases `search` finds, and how many of these a user has hidden. */
export async function countFoundPhrases(sql: Sql, userId: string, search: string): Promise<{ active: number; hidden: number }> {
  const [row] = await sql<{ active: number; hidden: number }[]>`
    select
      count(*)::int as active,
      (count(*) filter (where exists (
        select from user_excluded_phrases e where e.user_id = ${userId} and e.phrase_id = p.id
      )))::int as hidden
    from phrases p
    where p.active and to_tsvector('simple', p.phrase_text) @@ to_tsquery('simple', ${search})
  `
  return row ?? { active: 0, hidden: 0 }
}

/** Hides a phrase from a user, who may have hidden it before. False when there is no such phrase. */
export async function excludePhrase(sql: Sql, userId: string, phraseId: string): Promise<boolean> {
  const [row] = await sql<{ id: string }[]>`
    with target as (select id from phrases where id = ${phraseId}),
    hidden as (
      insert into user_excluded_phrases (user_id, phrase_id)
      select ${userId}::uuid, target.id from target
      on conflict do nothing
    )
    select id from target
  `
  return row !== undefined
}

/** Shows a phrase to a user again, who may not have hidden it. False when there is no such phrase. */
export async function includePhrase(sql: Sql, userId: string, phraseId: string): Promise<boolean> {
  const [row] = await sql<{ id: string }[]>`
    with shown as (delete from user_excluded_phrases where user_id = ${userId} and phrase_id = ${phraseId})
    select id from phrases where id = ${phraseId}
  `
  return row !== undefined
}

/** What a user has hidden, newest first, and how much that is. */
export async function listExcludedPhrases(sql: Sql, userId: string): Promise<(ExcludedPhrase & { total: number })[]> {
  return await sql<(ExcludedPhrase & { total: number })[]>`
    select p.id, p.id as phrase_id, p.phrase_text, e.created_at as excluded_at, (count(*) over ())::int as total
    from user_excluded_phrases e
    join phrases p on p.id = e.phrase_id
    where e.user_id = ${userId}
    order by e.created_at desc, p.id desc
    limit ${CORE_LIST_LIMIT}
  `
}

interface AdminList {
  includeInactive: boolean
  limit: number
  offset: number
}

/** Phrases for administrators, newest first. */
export async function listAdminPhrases(sql: Sql, { includeInactive, limit, offset }: AdminList): Promise<AdminPhrase[]> {
  return await sql<AdminPhrase[]>`
    select id, phrase_text, mood, active, created_by, created_at, updated_at
    from phrases
    where active or ${includeInactive}::bool
    order by id desc
    offset ${offset}
    limit ${limit}
  `
}

/**
 * Phrases in which words begin with those of `search`, a tsquery of the configuration `simple`; newest first. They are found before they are put
 * into order: the other way around, a rare word would be looked for in all of them.
 */
export async function searchAdminPhrases(
  sql: Sql,
  search: string,
  { includeInactive, limit, offset }: AdminList,
): Promise<AdminPhrase[]> {
  return await sql<AdminPhrase[]>`
    with found as materialized (
      select id, phrase_text, mood, active, created_by, created_at, updated_at
      from phrases
      where to_tsvector('simple', phrase_text) @@ to_tsquery('simple', ${search}) and (active or ${includeInactive}::bool)
    )
    select id, phrase_text, mood, active, created_by, created_at, updated_at
    from found
    order by id desc
    offset ${offset}
    limit ${limit}
  `
}

/** How many phrases there are for administrators: all, or those in which `search` is found. */
export async function countAdminPhrases(sql: Sql, search: string | null, includeInactive: boolean): Promise<number> {
  if (search === null) {
    const [row] = await sql<{ total: number }[]>`
      select count(*)::int as total from phrases where active or ${includeInactive}::bool
    `
    return row?.total ?? 0
  }
  const [row] = await sql<{ total: number }[]>`
    select count(*)::int as total
    from phrases
    where to_tsvector('simple', phrase_text) @@ to_tsquery('simple', ${search}) and (active or ${includeInactive}::bool)
  `
  return row?.total ?? 0
}

/** Makes a phrase. */
export async function insertPhrase(sql: Sql, userId: string, phrase: CreatePhraseRequest): Promise<AdminPhrase> {
  const [row] = await sql<AdminPhrase[]>`
    insert into phrases (phrase_text, active, mood, created_by)
    values (${phrase.phrase_text}, ${phrase.active ?? true}, ${phrase.mood ?? 'steady'}, ${userId})
    returning id, phrase_text, mood, active, created_by, created_at, updated_at
  `
  if (!row) throw new Error('an insert returned no row')
  return row
}

/** Changes what is given of a phrase; null when there is none. */
export async function updatePhrase(sql: Sql, phraseId: string, wish: UpdatePhraseRequest): Promise<AdminPhrase | null> {
  const [row] = await sql<AdminPhrase[]>`
    update phrases set
      phrase_text = coalesce(${wish.phrase_text ?? null}::text, phrase_text),
      active = coalesce(${wish.active ?? null}::bool, active),
      mood = coalesce(${wish.mood ?? null}::text, mood)
    where id = ${phraseId}
    returning id, phrase_text, mood, active, created_by, created_at, updated_at
  `
  return row ?? null
}
