import type { PublicEntry, SharedView } from '@kennwilliamson/contracts/sharing'
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

/** What anyone may see of a timer; null alike for unknown, private, archived and deactivated. */
export async function findSharedView(sql: Sql, userSlug: string, timerSlug: string): Promise<SharedView | null> {
  const [row] = await sql<SharedView[]>`
    select
      t.title, u.display_name as user_display_name, u.time_zone, t.share_level, t.revision,
      coalesce(
        (
          select i.occurred_at
          from incidents i
          where i.timer_id = t.id and i.undone_at is null
          order by i.occurred_at desc, i.id desc
          limit 1
        ),
        t.started_at
      ) as since,
      null::text as phrase,
      now() as server_time
    from users u
    join timers t on t.user_id = u.id and t.slug = ${timerSlug} and t.share_level <> 'private' and t.archived_at is null
    where u.slug = ${userSlug} and u.active
  `
  return row ?? null
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
