import type { ShareLevel } from '@kennwilliamson/contracts/share-levels'
import type { TimerEntry } from '@kennwilliamson/contracts/timers'
import type { Sql } from '../../platform/database.ts'

/** The newest incidents a core list shows at most. */
const CORE_LIST_LIMIT = 1000

/** A timer with the run that is going on. */
export interface TimerRow {
  id: string
  slug: string
  is_default: boolean
  title: string
  started_at: string
  share_level: ShareLevel
  position: number
  archived_at: string | null
  created_at: string
  updated_at: string
  incident_id: string | null
  since: string
}

/** All timers of a user in their own order, each with its newest incident. */
export async function listTimers(sql: Sql, userId: string): Promise<TimerRow[]> {
  return await sql<TimerRow[]>`
    select
      t.id, t.slug, t.is_default, t.title, t.started_at, t.share_level, t.position, t.archived_at, t.created_at, t.updated_at,
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
    where t.user_id = ${userId}
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

/** The incidents of a user's default timer, newest first. */
export async function listDefaultTimerIncidents(sql: Sql, userId: string): Promise<TimerEntry[]> {
  return await sql<TimerEntry[]>`
    select i.id, i.occurred_at as reset_timestamp, i.notes, i.created_at, i.updated_at
    from timers t
    join incidents i on i.timer_id = t.id and i.undone_at is null
    where t.user_id = ${userId} and t.is_default
    order by i.occurred_at desc, i.id desc
    limit ${CORE_LIST_LIMIT}
  `
}

/**
 * Records an incident on a user's default timer: now, or at a past time. A time up to two minutes ahead of our clock is now,
 * since clocks differ; `'in-future'` when it lies further ahead. Null when there is no such timer.
 */
export async function insertDefaultTimerIncident(
  sql: Sql,
  userId: string,
  incident: { occurredAt: string | null; notes: string | null },
): Promise<TimerEntry | 'in-future' | null> {
  const [row] = await sql<
    {
      timer_id: string
      id: string | null
      reset_timestamp: string | null
      notes: string | null
      created_at: string | null
      updated_at: string | null
    }[]
  >`
    with target as (
      select t.id, coalesce(${incident.occurredAt}::timestamptz, now()) as wanted
      from timers t
      where t.user_id = ${userId} and t.is_default
    ), inserted as (
      insert into incidents (timer_id, occurred_at, notes)
      select target.id, least(target.wanted, now()), ${incident.notes}
      from target
      where target.wanted <= now() + interval '2 minutes'
      returning id, occurred_at, notes, created_at, updated_at
    )
    select
      target.id as timer_id,
      inserted.id, inserted.occurred_at as reset_timestamp, inserted.notes, inserted.created_at, inserted.updated_at
    from target left join inserted on true
  `
  if (!row) return null
  const { id, reset_timestamp, notes, created_at, updated_at } = row
  if (id === null || reset_timestamp === null || created_at === null || updated_at === null) return 'in-future'
  return { id, reset_timestamp, notes, created_at, updated_at }
}

/** A change to an incident: `undefined` keeps what is there, a null note clears it. */
export interface IncidentChange {
  occurredAt: string | undefined
  notes: string | null | undefined
}

/**
 * Changes an incident of a user's default timer and keeps what it was before as a revision. Null when there is no such
 * incident of theirs; `'in-future'` when the new time lies more than two minutes ahead.
 */
export async function updateDefaultTimerIncident(
  sql: Sql,
  userId: string,
  incidentId: string,
  change: IncidentChange,
): Promise<TimerEntry | 'in-future' | null> {
  const [row] = await sql<(TimerEntry & { in_future: boolean })[]>`
    with target as (
      select
        i.id, i.timer_id, i.occurred_at, i.notes, i.created_at, i.updated_at,
        coalesce(${change.occurredAt ?? null}::timestamptz, i.occurred_at) as wanted
      from incidents i
      join timers t on t.id = i.timer_id
      where i.id = ${incidentId} and i.undone_at is null and t.user_id = ${userId} and t.is_default
      for update of i
    ), changed as (
      update incidents i
      set
        occurred_at = least(target.wanted, now()),
        notes = case when ${change.notes === undefined}::bool then i.notes else ${change.notes ?? null}::text end
      from target
      where i.id = target.id
        and target.wanted <= now() + interval '2 minutes'
        -- a change that changes nothing is none: no revision, no new time, nothing for a visitor to see
        and (
          least(target.wanted, now()) <> target.occurred_at
          or (${change.notes !== undefined}::bool and target.notes is distinct from ${change.notes ?? null}::text)
        )
      returning i.id, i.occurred_at, i.notes, i.created_at, i.updated_at
    ), revised as (
      insert into incident_revisions
        (timer_id, incident_id, action, occurred_at_before, notes_before, occurred_at_after, notes_after)
      select target.timer_id, target.id, 'edited', target.occurred_at, target.notes, changed.occurred_at, changed.notes
      from target join changed on changed.id = target.id
    )
    select
      target.id,
      coalesce(changed.occurred_at, target.occurred_at) as reset_timestamp,
      case when changed.id is null then target.notes else changed.notes end as notes,
      target.created_at,
      coalesce(changed.updated_at, target.updated_at) as updated_at,
      coalesce(target.wanted > now() + interval '2 minutes', false) as in_future
    from target left join changed on changed.id = target.id
  `
  if (!row) return null
  const { in_future, ...entry } = row
  return in_future ? 'in-future' : entry
}

/** Deletes an incident of a user's default timer, keeping what it was as a revision. False when there is none of theirs. */
export async function deleteDefaultTimerIncident(sql: Sql, userId: string, incidentId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    with deleted as (
      delete from incidents i
      using timers t
      where i.id = ${incidentId} and i.undone_at is null and t.id = i.timer_id and t.user_id = ${userId} and t.is_default
      returning i.id, i.timer_id, i.occurred_at, i.notes
    ), revised as (
      insert into incident_revisions (timer_id, incident_id, action, occurred_at_before, notes_before)
      select timer_id, id, 'deleted', occurred_at, notes from deleted
    )
    select id from deleted
  `
  return rows.length > 0
}
