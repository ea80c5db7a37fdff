import type { Charts } from '@kennwilliamson/contracts/incidents'
import type { Sql } from '../../platform/database.ts'

/** What the figures of a timer are made of. Lengths are in microseconds, days are numbers of days. */
export interface Figures {
  current_us: number
  longest_us: number | null
  completed_runs: number
  average_run_seconds: number | null
  /** Days that counted among the last 30, 90 and 365, and those of them that had incidents. */
  counted_30: number
  counted_90: number
  counted_365: number
  busy_30: number
  busy_90: number
  busy_365: number
}

/**
 * The figures of a timer as of the transaction's moment, or of another, by which no incident may be newer. Null when there is no such
 * timer; whose it is, the caller has asked. Reads a handful of rows and a probe of the index for each day, however many incidents there
 * are: neighbours cancel out in the sum of runs, and the longest one stands first in its index.
 */
export async function findFigures(sql: Sql, timerId: string, at: string | null): Promise<Figures | null> {
  const [row] = await sql<Figures[]>`
    with timer as (
      select
        t.id, t.started_at, t.incident_count, u.time_zone, oldest.occurred_at as first_at,
        coalesce(newest.occurred_at, t.started_at) as since,
        coalesce(${at}::timestamptz, now()) as moment,
        (coalesce(${at}::timestamptz, now()) at time zone u.time_zone)::date as today,
        (least(t.started_at, oldest.occurred_at) at time zone u.time_zone)::date as first_day
      from timers t
      join users u on u.id = t.user_id
      left join lateral (
        select i.occurred_at from incidents i
        where i.timer_id = t.id and i.undone_at is null
        order by i.occurred_at, i.id limit 1
      ) oldest on true
      left join lateral (
        select i.occurred_at from incidents i
        where i.timer_id = t.id and i.undone_at is null
        order by i.occurred_at desc, i.id desc limit 1
      ) newest on true
      where t.id = ${timerId}
    ), runs as (
      select
        timer.id,
        case
          when first_at is null then 0
          when started_at < first_at then incident_count
          else incident_count - 1
        end as completed,
        microseconds_between(least(started_at, first_at), since) as all_us,
        microseconds_between(first_at, since) as neighbours_us
      from timer
    ), busy as (
      select timer.today - days.ago as day, days.ago
      from timer
      cross join generate_series(0, 364) as days (ago)
      -- with a limit, so that each day is a probe of the index
      cross join lateral (
        select i.id
        from incidents i
        where i.timer_id = timer.id and i.undone_at is null
          -- a day may begin twice where clocks are put back at midnight: the day of the incident itself decides
          and i.occurred_at >= (timer.today - days.ago)::timestamp at time zone timer.time_zone - interval '3 hours'
          and i.occurred_at < (timer.today - days.ago + 1)::timestamp at time zone timer.time_zone + interval '3 hours'
          and (i.occurred_at at time zone timer.time_zone)::date = timer.today - days.ago
        order by i.occurred_at desc, i.id desc
        limit 1
      ) found
    )
    select
      coalesce(greatest(microseconds_between(timer.since, timer.moment), 0), 0) as current_us,
      (select r.run_us from incident_runs r where r.timer_id = timer.id order by r.run_us desc, r.ended_at limit 1) as longest_us,
      runs.completed as completed_runs,
      (
        case when runs.completed > 0 then
          case when timer.started_at < timer.first_at then runs.all_us else runs.neighbours_us end / runs.completed / 1000000
        end
      )::int8 as average_run_seconds,
      coalesce(least(timer.today - timer.first_day + 1, 30), 0) as counted_30,
      coalesce(least(timer.today - timer.first_day + 1, 90), 0) as counted_90,
      coalesce(least(timer.today - timer.first_day + 1, 365), 0) as counted_365,
      coalesce((select count(*) from busy where busy.ago < 30), 0) as busy_30,
      coalesce((select count(*) from busy where busy.ago < 90), 0) as busy_90,
      coalesce((select count(*) from busy), 0) as busy_365
    from timer join runs on runs.id = timer.id
  `
  return row ?? null
}

/** The frame of a timer's charts: the days of the last 365, from which of them it counted, and the clock. */
export async function findChartDays(
  sql: Sql,
  timerId: string,
): Promise<Pick<Charts, 'first_day' | 'last_day' | 'counted_from' | 'server_time'> | null> {
  const [row] = await sql<{ first_day: string; last_day: string; counted_from: string; server_time: string }[]>`
    select
      coalesce((frame.today - 364)::date::text, '') as first_day,
      coalesce((frame.today)::date::text, '') as last_day,
      coalesce((greatest(frame.today - 364, frame.began))::date::text, '') as counted_from,
      now() as server_time
    from (
      select
        (now() at time zone u.time_zone)::date as today,
        (
          least(
            t.started_at,
            (
              select i.occurred_at from incidents i
              where i.timer_id = t.id and i.undone_at is null
              order by i.occurred_at, i.id limit 1
            )
          ) at time zone u.time_zone
        )::date as began
      from timers t join users u on u.id = t.user_id
      where t.id = ${timerId}
    ) frame
  `
  return row ?? null
}

/** How many incidents each day had from this day on, in the owner's calendar, without the days that had none. */
export async function listBusyDays(sql: Sql, timerId: string, firstDay: string): Promise<Charts['days']> {
  return await sql<{ day: string; incidents: number }[]>`
    select coalesce((counted.day)::date::text, '') as day, counted.incidents
    from (
      select (i.occurred_at at time zone u.time_zone)::date as day, count(*) as incidents
      from timers t
      join users u on u.id = t.user_id
      join incidents i on i.timer_id = t.id and i.undone_at is null
      where t.id = ${timerId}
        and i.occurred_at >= ${firstDay}::text::timestamp at time zone u.time_zone - interval '3 hours'
      group by 1
    ) counted
    where counted.day >= ${firstDay}::text::date
    order by counted.day
  `
}

/** The newest 50 completed runs of a timer, oldest first. */
export async function listNewestRuns(sql: Sql, timerId: string): Promise<Charts['runs']> {
  const rows = await sql<{ from: string; to: string; seconds: number }[]>`
    select r.began_at as from, r.ended_at as to, r.run_us / 1000000 as seconds
    from (
      select i.id, i.occurred_at
      from incidents i
      where i.timer_id = ${timerId} and i.undone_at is null
      order by i.occurred_at desc, i.id desc
      limit 50
    ) newest
    join incident_runs r on r.incident_id = newest.id
    order by newest.occurred_at desc, newest.id desc
  `
  return rows.reverse()
}
