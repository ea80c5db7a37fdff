import type { Incident } from '@kennwilliamson/contracts/incidents'
import { UNDO_SECONDS } from '@kennwilliamson/contracts/limits'
import type { Sql } from '../../platform/database.ts'

/** Whose timer: that of this id if it is theirs, or without an id their default timer. */
export interface TimerOf {
  userId: string
  timerId: string | null
}

/** Incidents of one's timer, newest first, older than `before` where that is given, their notes containing `search`, whatever the case. */
export async function listIncidents(
  sql: Sql,
  timer: TimerOf,
  { before, search, limit }: { before: { occurredAt: string; id: string } | null; search: string | null; limit: number },
): Promise<Incident[]> {
  return await sql<Incident[]>`
    select i.id, i.occurred_at, i.notes, i.corrected_at, i.created_at, i.updated_at
    from timers t
    join incidents i on i.timer_id = t.id and i.undone_at is null
    where t.user_id = ${timer.userId}
      and case when ${timer.timerId}::uuid is null then t.is_default else t.id = ${timer.timerId}::uuid end
      and (i.occurred_at, i.id) < (
        coalesce(${before?.occurredAt ?? null}::timestamptz, 'infinity'),
        coalesce(${before?.id ?? null}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
      -- not "like", so that no character of it means anything else
      and (
        ${search}::text is null
        or strpos(lower(i.notes collate pg_c_utf8), lower(${search}::text collate pg_c_utf8)) > 0
      )
    order by i.occurred_at desc, i.id desc
    limit ${limit}
  `
}

/**
 * Records an incident on one's timer: now, or at a past time. A time up to two minutes ahead of our clock is now, since clocks
 * differ; `'in-future'` when it lies further ahead. Null when there is no such timer. A timer that is full violates
 * `timers_incident_count_limit`.
 */
export async function insertIncident(
  sql: Sql,
  timer: TimerOf,
  incident: { occurredAt: string | null; notes: string | null },
): Promise<Incident | 'in-future' | null> {
  const [row] = await sql<
    {
      timer_id: string
      id: string | null
      occurred_at: string | null
      notes: string | null
      created_at: string | null
      updated_at: string | null
    }[]
  >`
    with target as (
      select t.id, coalesce(${incident.occurredAt}::timestamptz, now()) as wanted
      from timers t
      where t.user_id = ${timer.userId}
        and case when ${timer.timerId}::uuid is null then t.is_default else t.id = ${timer.timerId}::uuid end
    ), inserted as (
      insert into incidents (timer_id, occurred_at, notes)
      select target.id, least(target.wanted, now()), ${incident.notes}
      from target
      where target.wanted <= now() + interval '2 minutes'
      returning id, occurred_at, notes, created_at, updated_at
    )
    select
      target.id as timer_id,
      inserted.id, inserted.occurred_at, inserted.notes, inserted.created_at, inserted.updated_at
    from target left join inserted on true
  `
  if (!row) return null
  const { id, occurred_at, notes, created_at, updated_at } = row
  if (id === null || occurred_at === null || created_at === null || updated_at === null) return 'in-future'
  return { id, occurred_at, notes, corrected_at: null, created_at, updated_at }
}

/** A change to an incident: `undefined` keeps what is there, a null note clears it, `corrected` sets the public mark or takes it away. */
export interface IncidentChange {
  occurredAt: string | undefined
  notes: string | null | undefined
  corrected: boolean | undefined
}

/**
 * Changes an incident of one's timer and keeps what it was before as a revision. Null when there is no such incident of theirs;
 * `'stale'` when its `updated_at` is none of `versions`; `'in-future'` when the new time lies more than two minutes ahead.
 */
export async function updateIncident(
  sql: Sql,
  timer: TimerOf,
  incidentId: string,
  change: IncidentChange,
  versions: string[] | null = null,
): Promise<Incident | 'stale' | 'in-future' | null> {
  const [row] = await sql<(Incident & { is_stale: boolean; in_future: boolean })[]>`
    with owned as (
      -- the timer's lock first, as whoever deletes the timer takes it
      select t.id
      from timers t
      where t.user_id = ${timer.userId}
        and case when ${timer.timerId}::uuid is null then t.is_default else t.id = ${timer.timerId}::uuid end
      for no key update
    ), target as (
      select
        i.id, i.timer_id, i.occurred_at, i.notes, i.corrected_at, i.created_at, i.updated_at,
        coalesce(${change.occurredAt ?? null}::timestamptz, i.occurred_at) as wanted
      from owned
      join incidents i on i.timer_id = owned.id
      where i.id = ${incidentId} and i.undone_at is null
      for update of i
    ), changed as (
      update incidents i
      set
        occurred_at = least(target.wanted, now()),
        notes = case when ${change.notes === undefined}::bool then i.notes else ${change.notes ?? null}::text end,
        corrected_at = case ${change.corrected ?? null}::bool when true then now() when false then null else i.corrected_at end
      from target
      where i.id = target.id
        and (${versions}::timestamptz[] is null or target.updated_at = any(${versions}::timestamptz[]))
        and target.wanted <= now() + interval '2 minutes'
        -- a change that changes nothing is none: no revision, no new time, nothing for a visitor to see
        and (
          least(target.wanted, now()) <> target.occurred_at
          or (${change.notes !== undefined}::bool and target.notes is distinct from ${change.notes ?? null}::text)
          or coalesce(${change.corrected ?? null}::bool <> (target.corrected_at is not null), false)
        )
      returning i.id, i.occurred_at, i.notes, i.corrected_at, i.created_at, i.updated_at
    ), revised as (
      insert into incident_revisions
        (timer_id, incident_id, action, occurred_at_before, notes_before, occurred_at_after, notes_after)
      select target.timer_id, target.id, 'edited', target.occurred_at, target.notes, changed.occurred_at, changed.notes
      from target join changed on changed.id = target.id
    )
    select
      target.id,
      coalesce(changed.occurred_at, target.occurred_at) as occurred_at,
      case when changed.id is null then target.notes else changed.notes end as notes,
      case when changed.id is null then target.corrected_at else changed.corrected_at end as corrected_at,
      target.created_at,
      coalesce(changed.updated_at, target.updated_at) as updated_at,
      coalesce(not target.updated_at = any(${versions}::timestamptz[]), false) as is_stale,
      coalesce(target.wanted > now() + interval '2 minutes', false) as in_future
    from target left join changed on changed.id = target.id
  `
  if (!row) return null
  const { is_stale, in_future, ...incident } = row
  if (is_stale) return 'stale'
  return in_future ? 'in-future' : incident
}

/**
 * Deletes an incident of one's timer, keeping what it was as a revision. `'missing'` when there is none of theirs, `'stale'` when its
 * `updated_at` is none of `versions`.
 */
export async function deleteIncident(
  sql: Sql,
  timer: TimerOf,
  incidentId: string,
  versions: string[] | null = null,
): Promise<'deleted' | 'stale' | 'missing'> {
  const [row] = await sql<{ id: string; is_deleted: boolean }[]>`
    with owned as (
      select t.id
      from timers t
      where t.user_id = ${timer.userId}
        and case when ${timer.timerId}::uuid is null then t.is_default else t.id = ${timer.timerId}::uuid end
      for no key update
    ), target as (
      select i.id, i.timer_id, i.occurred_at, i.notes, i.updated_at
      from owned
      join incidents i on i.timer_id = owned.id
      where i.id = ${incidentId} and i.undone_at is null
      for update of i
    ), deleted as (
      delete from incidents i
      using target
      where i.id = target.id
        and (${versions}::timestamptz[] is null or target.updated_at = any(${versions}::timestamptz[]))
      returning i.id
    ), revised as (
      insert into incident_revisions (timer_id, incident_id, action, occurred_at_before, notes_before)
      select target.timer_id, target.id, 'deleted', target.occurred_at, target.notes
      from target join deleted on deleted.id = target.id
    )
    select target.id, exists (select from deleted) as is_deleted from target
  `
  if (!row) return 'missing'
  return row.is_deleted ? 'deleted' : 'stale'
}

/**
 * Takes a reset back, once and within `UNDO_SECONDS` of its record: the timer is then as if it had not been. `'missing'` when there is no such
 * incident of theirs, `'expired'` when it is too late or was done.
 */
export async function undoIncident(sql: Sql, timer: TimerOf, incidentId: string): Promise<'undone' | 'expired' | 'missing'> {
  const [row] = await sql<{ id: string; is_undone: boolean }[]>`
    with owned as (
      select t.id
      from timers t
      where t.user_id = ${timer.userId}
        and case when ${timer.timerId}::uuid is null then t.is_default else t.id = ${timer.timerId}::uuid end
      for no key update
    ), target as (
      select i.id, i.timer_id, i.occurred_at, i.notes, i.undone_at, i.created_at
      from owned
      join incidents i on i.timer_id = owned.id
      where i.id = ${incidentId}
      for update of i
    ), undone as (
      update incidents i
      set undone_at = now()
      from target
      where i.id = target.id
        and target.undone_at is null
        and target.created_at > now() - make_interval(secs => ${UNDO_SECONDS}::int)
      returning i.id
    ), revised as (
      insert into incident_revisions (timer_id, incident_id, action, occurred_at_before, notes_before)
      select target.timer_id, target.id, 'undone', target.occurred_at, target.notes
      from target join undone on undone.id = target.id
    )
    select target.id, exists (select from undone) as is_undone from target
  `
  if (!row) return 'missing'
  return row.is_undone ? 'undone' : 'expired'
}
