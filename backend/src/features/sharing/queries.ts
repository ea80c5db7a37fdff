import type { ListedTimers, PublicEntry, SharedIncident, SharedView } from '@kennwilliamson/contracts/sharing'
import type { Sql } from '../../platform/database.ts'

/** The newest incident of a public default timer, its note only from share level `notes` on; null alike for all that is not public. */
export async function findPublicEntry(sql: Sql, userSlug: string): Promise<PublicEntry | null> {
  const [row] = await sql<PublicEntry[]>`
    select
      i.id, i.occurred_at as reset_timestamp,
      case when t.share_level in ('notes', 'history') then i.notes end as notes,
      i.created_at, i.updated_at, u.display_name as user_display_name
    from users u
    join timers t on t.user_id = u.id and t.is_default and t.share_level <> 'private' and t.archived_at is null
    join incidents i on i.timer_id = t.id and i.undone_at is null
    where u.slug = ${userSlug} and u.active
    order by i.occurred_at desc, i.id desc
    limit 1
  `
  return row ?? null
}

/** The timer at an address that anyone may see; null alike for unknown, private, archived and deactivated. */
export async function findPublicTimer(sql: Sql, userSlug: string, timerSlug: string): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select t.id
    from users u
    join timers t on t.user_id = u.id and t.slug = ${timerSlug} and t.share_level <> 'private' and t.archived_at is null
    where u.slug = ${userSlug} and u.active
  `
  return row?.id ?? null
}

/** What is looked at: a timer at its own share level, or by a link at that one's. */
export interface Target {
  timerId: string
  linkId: string | null
}

/** A timer as its visitors may see it. `note` and `corrected_at` are null where the level does not allow them. */
export interface ViewRow {
  timer_id: string
  owner_id: string
  title: string
  user_display_name: string
  since: string
  before_first: boolean
  time_zone: string
  share_level: SharedView['share_level']
  is_listed: boolean
  revision: number
  server_time: string
  note: string | null
  corrected_at: string | null
}

/**
 * Timers as they may be seen now, each at the level of its target, which is looked up here, so that it is always the present one.
 * What may not be seen (any more) is left out, whatever the reason.
 */
export async function listViews(
  sql: Sql,
  targets: Target[],
): Promise<(ViewRow & { link_id: string | null; link_expires_at: string | null })[]> {
  const timerIds = targets.map(({ timerId }) => timerId)
  const linkIds = targets.map(({ linkId }) => linkId)
  return await sql<(ViewRow & { link_id: string | null; link_expires_at: string | null })[]>`
    select
      t.id as timer_id, u.id as owner_id, wanted.link_id, t.title, u.display_name as user_display_name,
      coalesce(newest.occurred_at, t.started_at) as since,
      (newest.id is null) as before_first,
      u.time_zone,
      shown.level as share_level,
      (wanted.link_id is null and t.is_listed) as is_listed,
      t.revision,
      now() as server_time,
      case when shown.level in ('notes', 'history') then newest.notes end as note,
      case when shown.level in ('notes', 'history') then newest.corrected_at end as corrected_at,
      l.expires_at as link_expires_at
    from unnest(${timerIds}::uuid[], ${linkIds}::uuid[]) as wanted (timer_id, link_id)
    join timers t on t.id = wanted.timer_id and t.archived_at is null
    join users u on u.id = t.user_id and u.active
    left join secret_links l
      on l.id = wanted.link_id and l.timer_id = t.id and (l.expires_at is null or l.expires_at > now())
    cross join lateral (
      select case when wanted.link_id is null then t.share_level else coalesce(l.share_level, 'private') end as level
    ) shown
    left join lateral (
      select i.id, i.occurred_at, i.notes, i.corrected_at
      from incidents i
      where i.timer_id = t.id and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 1
    ) newest on true
    where shown.level <> 'private'
  `
}

/**
 * Public timers that shall be found, those after this key, so many at most. The key is a hash of the id, so that neither it nor the order
 * tells when a timer was made.
 */
export async function listListedTimers(
  sql: Sql,
  after: string,
  limit: number,
): Promise<(ListedTimers['timers'][number] & { key: string | null })[]> {
  return await sql<(ListedTimers['timers'][number] & { key: string | null })[]>`
    select
      md5(t.id::text) as key, u.slug as user_slug, t.slug as timer_slug, coalesce(newest.occurred_at, t.started_at) as since
    from timers t
    join users u on u.id = t.user_id and u.active
    left join lateral (
      select i.occurred_at
      from incidents i
      where i.timer_id = t.id and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 1
    ) newest on true
    where t.is_listed and t.share_level <> 'private' and t.archived_at is null and md5(t.id::text) > ${after}
    order by md5(t.id::text)
    limit ${limit}
  `
}

/** A user's own timer as a visitor would see it at this level, whatever its own is; null when there is none. */
export async function findOwnView(
  sql: Sql,
  userId: string,
  timerId: string,
  shareLevel: SharedView['share_level'],
): Promise<ViewRow | null> {
  const [row] = await sql<Omit<ViewRow, 'share_level'>[]>`
    select
      t.id as timer_id, u.id as owner_id, t.title, u.display_name as user_display_name,
      coalesce(newest.occurred_at, t.started_at) as since,
      (newest.id is null) as before_first,
      u.time_zone,
      t.is_listed,
      t.revision,
      now() as server_time,
      case when ${shareLevel}::text in ('notes', 'history') then newest.notes end as note,
      case when ${shareLevel}::text in ('notes', 'history') then newest.corrected_at end as corrected_at
    from timers t
    join users u on u.id = t.user_id
    left join lateral (
      select i.id, i.occurred_at, i.notes, i.corrected_at
      from incidents i
      where i.timer_id = t.id and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 1
    ) newest on true
    where t.id = ${timerId} and t.user_id = ${userId}
  `
  return row ? { ...row, share_level: shareLevel } : null
}

/**
 * Incidents as visitors of level `history` see them, newest first, from `until` on; of those at that very time `skip` were on the page
 * before. By time and number, because the id of an incident is none of theirs.
 */
export async function listSharedIncidents(
  sql: Sql,
  timerId: string,
  { until, skip, limit }: { until: string | null; skip: number; limit: number },
): Promise<SharedIncident[]> {
  return await sql<SharedIncident[]>`
    select occurred_at, notes, corrected_at
    from incidents
    where timer_id = ${timerId} and undone_at is null and occurred_at <= coalesce(${until}::timestamptz, 'infinity')
    order by occurred_at desc, id desc
    offset ${skip}
    limit ${limit}
  `
}

/** From now on the connection hears the id of each timer that has changed for those who look at it. */
export async function listenToTimerChanges(sql: Sql): Promise<void> {
  await sql`listen timer_changes`
}

/**
 * Where a timer is that stood at this address until a short while ago: the present address of its owner. Null unless it can be seen
 * there by anybody; `withIncident` also wants an incident.
 */
export async function findPresentAddress(
  sql: Sql,
  formerSlug: string,
  timerSlug: string,
  { withIncident }: { withIncident: boolean },
): Promise<string | null> {
  const [row] = await sql<{ slug: string }[]>`
    select u.slug
    from former_slugs f
    join users u on u.id = f.user_id and u.active
    join timers t on t.user_id = u.id and t.slug = ${timerSlug} and t.share_level <> 'private' and t.archived_at is null
    where f.slug = ${formerSlug} and f.expires_at > now()
      and (not ${withIncident}::bool or exists (select from incidents i where i.timer_id = t.id and i.undone_at is null))
  `
  return row?.slug ?? null
}
