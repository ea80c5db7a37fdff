import type { ShareLevel } from '@kennwilliamson/contracts/share-levels'
import type { Sql } from '../../platform/database.ts'

/** A timer with the run that is going on. */
export interface TimerRow {
  id: string
  slug: string
  is_default: boolean
  title: string
  started_at: string
  share_level: ShareLevel
  is_listed: boolean
  position: number
  archived_at: string | null
  created_at: string
  updated_at: string
  incident_id: string | null
  since: string
}

/** The timers of a user in their own order, each with its newest incident: all of them, or the one of this id. */
export async function listTimers(sql: Sql, userId: string, timerId: string | null = null): Promise<TimerRow[]> {
  return await sql<TimerRow[]>`
    select
      t.id, t.slug, t.is_default, t.title, t.started_at, t.share_level, t.is_listed, t.position,
      t.archived_at, t.created_at, t.updated_at,
      newest.id as incident_id,
      coalesce(newest.occurred_at, t.started_at) as since
    from timers t
    left join lateral (
      select i.id, i.occurred_at
      from incidents i
      where i.timer_id = t.id and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 1
    ) newest on true
    where t.user_id = ${userId} and (${timerId}::uuid is null or t.id = ${timerId}::uuid)
    order by t.position, t.id
  `
}

/** The zone a user counts days in, and the clock of the database, which all times are compared with. */
export async function findClock(sql: Sql, userId: string): Promise<{ time_zone: string; server_time: string } | null> {
  const [row] = await sql<{ time_zone: string; server_time: string }[]>`
    select time_zone, now() as server_time from users where id = ${userId}
  `
  return row ?? null
}

/** Whether this is a timer of theirs. */
export async function hasTimer(sql: Sql, userId: string, timerId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`select id from timers where id = ${timerId} and user_id = ${userId}`
  return rows.length > 0
}

/** A timer that is to be made. `numbered`: where the slug is taken, `-2`, `-3` … are tried. */
export interface NewTimer {
  title: string
  startedAt: string | null
  slug: string
  numbered: boolean
  shareLevel: ShareLevel
}

/**
 * Makes a timer, which stands last. A start up to two minutes ahead of our clock is now. `'slug-taken'` when it is, or was taken this moment;
 * `'in-future'`; null when there is no such user. A user who has 50 violates `timers_limit_per_user`.
 */
export async function insertTimer(
  sql: Sql,
  userId: string,
  timer: NewTimer,
): Promise<{ id: string } | 'slug-taken' | 'in-future' | null> {
  const [row] = await sql<{ in_future: boolean; id: string | null }[]>`
    with wanted as (
      select
        u.id as user_id,
        coalesce(${timer.startedAt}::timestamptz, now()) as started_at,
        (
          select c.candidate
          from generate_series(1, case when ${timer.numbered}::bool then 60 else 1 end) as n,
            lateral (select case when n = 1 then ${timer.slug}::text else ${timer.slug}::text || '-' || n end as candidate) c
          where not exists (select from timers t where t.user_id = u.id and t.slug = c.candidate)
          order by n
          limit 1
        ) as slug
      from users u
      where u.id = ${userId}
    ), inserted as (
      insert into timers (user_id, slug, title, started_at, share_level)
      select user_id, slug, ${timer.title}, least(started_at, now()), ${timer.shareLevel}
      from wanted
      where slug is not null and started_at <= now() + interval '2 minutes'
      on conflict (user_id, slug) do nothing
      returning id
    )
    select coalesce(wanted.started_at > now() + interval '2 minutes', false) as in_future, inserted.id
    from wanted left join inserted on true
  `
  if (!row) return null
  if (row.in_future) return 'in-future'
  return row.id === null ? 'slug-taken' : { id: row.id }
}

/** A change to a timer: null keeps what is there. */
export interface TimerChange {
  title: string | null
  startedAt: string | null
  slug: string | null
  shareLevel: ShareLevel | null
  isListed: boolean | null
  archived: boolean | null
}

/**
 * Changes a timer, and raises its revision, where anything is another one afterwards. `'missing'` when it is not theirs, `'stale'`
 * when its `updated_at` is none of `versions`, `'in-future'`, `'slug-fixed'` for another address of the default timer. A slug
 * that another timer has violates `timers_user_id_slug_key`.
 */
export async function updateTimer(
  sql: Sql,
  userId: string,
  timerId: string,
  change: TimerChange,
  versions: string[] | null,
): Promise<'done' | 'missing' | 'stale' | 'in-future' | 'slug-fixed'> {
  const [row] = await sql<{ is_stale: boolean; in_future: boolean; slug_fixed: boolean }[]>`
    with target as (
      select
        t.id, t.updated_at,
        coalesce(not t.updated_at = any(${versions}::timestamptz[]), false) as is_stale,
        coalesce(${change.startedAt}::timestamptz > now() + interval '2 minutes', false) as in_future,
        coalesce(t.is_default and ${change.slug}::text <> t.slug, false) as slug_fixed,
        coalesce(${change.title}, t.title) as title,
        least(coalesce(${change.startedAt}::timestamptz, t.started_at), now()) as started_at,
        coalesce(${change.slug}, t.slug) as slug,
        coalesce(${change.shareLevel}, t.share_level) as share_level,
        coalesce(${change.isListed}::bool, t.is_listed) as is_listed,
        case ${change.archived}::bool
          when true then coalesce(t.archived_at, now())
          when false then null
          else t.archived_at
        end as archived_at
      from timers t
      where t.id = ${timerId} and t.user_id = ${userId}
      for update
    ), changed as (
      update timers t
      set
        title = target.title, started_at = target.started_at, slug = target.slug, share_level = target.share_level,
        is_listed = target.is_listed, archived_at = target.archived_at, revision = t.revision + 1
      from target
      where t.id = target.id and not (target.is_stale or target.in_future or target.slug_fixed)
        and (t.title, t.started_at, t.slug, t.share_level, t.is_listed, t.archived_at) is distinct from
          (target.title, target.started_at, target.slug, target.share_level, target.is_listed, target.archived_at)
      returning t.id
    )
    select is_stale, in_future, slug_fixed from target
  `
  if (!row) return 'missing'
  if (row.is_stale) return 'stale'
  if (row.slug_fixed) return 'slug-fixed'
  return row.in_future ? 'in-future' : 'done'
}

/** Takes the lock under which the order of a user's timers changes, before that of any timer. */
export async function lockOrder(sql: Sql, userId: string): Promise<void> {
  await sql`select from users where id = ${userId} for no key update`
}

/** Puts a timer in this place, or last where there are fewer; the others close up and keep their order, from 0 on. */
export async function moveTimer(sql: Sql, userId: string, timerId: string | null, position: number): Promise<void> {
  await sql`
    with others as (
      select id, row_number() over (order by position, id) - 1 as place, count(*) over () as number
      from timers
      where user_id = ${userId} and id is distinct from ${timerId}::uuid
    ), places as (
      select id, case when ${timerId}::uuid is not null and place >= ${position} then place + 1 else place end as place from others
      union all
      select ${timerId}::uuid, least(${position}::int8, (select count(*) from others)) where ${timerId}::uuid is not null
    )
    update timers t
    set position = places.place
    from places
    where t.id = places.id and t.user_id = ${userId} and t.position <> places.place
  `
}

/** Deletes a timer with all that belongs to it. `'missing'` when it is not theirs; `'stale'` when its `updated_at` is none of `versions`. */
export async function deleteTimer(
  sql: Sql,
  userId: string,
  timerId: string,
  versions: string[] | null,
): Promise<'deleted' | 'missing' | 'stale' | 'default'> {
  const [row] = await sql<{ is_default: boolean; is_deleted: boolean }[]>`
    with target as (
      select t.id, t.is_default, t.updated_at
      from timers t
      where t.id = ${timerId} and t.user_id = ${userId}
      for update
    ), deleted as (
      delete from timers t
      using target
      where t.id = target.id and not target.is_default
        and (${versions}::timestamptz[] is null or target.updated_at = any(${versions}::timestamptz[]))
      returning t.id
    )
    select target.is_default, exists (select from deleted) as is_deleted from target
  `
  if (!row) return 'missing'
  if (row.is_default) return 'default'
  return row.is_deleted ? 'deleted' : 'stale'
}
