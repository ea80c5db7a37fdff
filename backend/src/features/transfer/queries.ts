import type { Sql } from '../../platform/database.ts'

/** A timer as a file names it. */
export interface TransferredTimer {
  id: string
  title: string
  slug: string
  started_at: string
  exported_at: string
}

/** A timer of this owner and the moment of the transaction, or null. */
export async function findTransferredTimer(sql: Sql, userId: string, timerId: string): Promise<TransferredTimer | null> {
  const [row] = await sql<TransferredTimer[]>`
    select id, title, slug, started_at, now() as exported_at from timers where id = ${timerId} and user_id = ${userId}
  `
  return row ?? null
}

interface TransferredIncident {
  id: string
  occurred_at: string
  notes: string | null
  corrected_at: string | null
}

/** A page of a timer's incidents, oldest first, after one of them. The timer is the caller's to know as their own. */
export async function listIncidentsFrom(
  sql: Sql,
  timerId: string,
  { after, limit }: { after: { occurred_at: string; id: string } | null; limit: number },
): Promise<TransferredIncident[]> {
  return await sql<TransferredIncident[]>`
    select id, occurred_at, notes, corrected_at
    from incidents
    where timer_id = ${timerId} and undone_at is null
      and (occurred_at, id) > (
        coalesce(${after?.occurred_at ?? null}::timestamptz, '-infinity'), coalesce(${after?.id ?? null}::uuid, '00000000-0000-0000-0000-000000000000')
      )
    order by occurred_at, id
    limit ${limit}
  `
}

/**
 * Takes the lock of a timer of this owner till the end of the transaction, in which statements may now take `seconds`: imports into one
 * timer come one after the other. False when there is no such timer.
 */
export async function lockTimer(sql: Sql, userId: string, timerId: string, seconds: number): Promise<boolean> {
  await sql`select from set_config('statement_timeout', ${String(seconds * 1000)}, true)`
  const rows = await sql<{ id: string }[]>`
    select id from timers where id = ${timerId} and user_id = ${userId} for no key update
  `
  return rows.length > 0
}

/** Entries of a file, column by column. */
export interface Columns {
  lines: number[]
  times: string[]
  /** 1 where the time is one of the owner's zone, else 0: the driver cannot write a list of booleans. */
  isLocal: number[]
  notes: (string | null)[]
  corrected: (string | null)[]
}

/**
 * Adds incidents to a timer, without those that are there already: one with the same time and note is the same, and as often as the file
 * has it. Says which lines lie in the future, and are not added.
 */
export async function insertIncidents(
  sql: Sql,
  timerId: string,
  { lines, times, isLocal, notes, corrected }: Columns,
): Promise<{ added: number; there: number; future: number[] }> {
  const [row] = await sql<{ added: number | null; there: number | null; future: number[] | null }[]>`
    with owner as (
      select u.time_zone from timers t join users u on u.id = t.user_id where t.id = ${timerId}
    ), given as (
      select
        line, nullif(notes, '') as notes, corrected::timestamptz as corrected_at,
        case
          when is_local = 1 then at::timestamp at time zone (select time_zone from owner)
          else at::timestamptz
        end as occurred_at
      from unnest(
        ${lines}::int4[], ${times}::text[], ${isLocal}::int4[], ${notes}::text[], ${corrected}::text[]
      ) as entry (line, at, is_local, notes, corrected)
    ), counted as (
      select
        line, notes, corrected_at, occurred_at,
        row_number() over (partition by occurred_at, notes order by line) as number
      from given
      where occurred_at <= now()
    ), present as (
      select occurred_at, notes, count(*) as number
      from incidents
      where timer_id = ${timerId} and undone_at is null
      group by occurred_at, notes
    ), inserted as (
      insert into incidents (timer_id, occurred_at, notes, corrected_at)
      select ${timerId}::uuid, counted.occurred_at, counted.notes, counted.corrected_at
      from counted
      left join present
        on present.occurred_at = counted.occurred_at and coalesce(present.notes, '') = coalesce(counted.notes, '')
      where counted.number > coalesce(present.number, 0)
      order by counted.occurred_at, counted.line
      returning id
    )
    select
      (select count(*) from inserted) as added,
      (select count(*) from counted) - (select count(*) from inserted) as there,
      (select array_agg(line order by line) from given where occurred_at > now()) as future
  `
  return { added: row?.added ?? 0, there: row?.there ?? 0, future: row?.future ?? [] }
}

/** Lets a timer count from an earlier time, if it is earlier, and says since when it counts now. */
export async function startEarlier(sql: Sql, timerId: string, startedAt: string | null): Promise<string | null> {
  await sql`
    update timers set started_at = ${startedAt}::timestamptz, revision = revision + 1
    where id = ${timerId} and ${startedAt}::timestamptz < started_at
  `
  const [row] = await sql<{ started_at: string }[]>`select started_at from timers where id = ${timerId}`
  return row?.started_at ?? null
}
