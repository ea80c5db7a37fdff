import postgres from 'postgres'

const RESETS = 100

/**
 * Fills the database: so many accounts with a public timer each, and so many incidents in all, a tenth of them in the timer that is named
 * and the rest spread evenly. What triggers would have kept (runs, counts) is computed at the end: row by row it would take longer than
 * everything that is measured.
 */
export async function fill(
  url: string,
  { users, incidents, timerId }: { users: number; incidents: number; timerId: string },
): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  // Room for the resets that are measured: a timer takes 100,000 at most.
  const [many, each] = [Math.floor(incidents / 10) - RESETS, Math.floor((incidents - incidents / 10) / users)]
  try {
    await sql`set session_replication_role = replica`
    await sql`
      with made as (
        insert into users (email, password_hash, display_name, slug)
        select 'bench-' || n || '@example.org', 'none', 'Somebody ' || n, 'bench-' || n from generate_series(1, ${users}::int) n
        returning id
      ), timed as (
        insert into timers (user_id, slug, is_default, title, share_level, started_at)
        select id, 'incident-timer', true, 'Time since the last incident', 'history', now() - interval '3 years' from made
        returning id
      )
      insert into incidents (timer_id, occurred_at, notes)
      select timed.id, now() - make_interval(hours => n * 200), 'note ' || n from timed, generate_series(1, ${each}::int) n
    `
    await sql`
      insert into incidents (timer_id, occurred_at, notes)
      select ${timerId}, now() - make_interval(mins => n * 15), 'note ' || n from generate_series(1, ${many}::int) n
    `
    await sql`
      update timers t
      set
        started_at = case when t.id = ${timerId} then now() - interval '4 years' else t.started_at end,
        incident_count = (select count(*) from incidents i where i.timer_id = t.id and i.undone_at is null)
    `
    await sql`set session_replication_role = origin`
    await sql`select rebuild_incident_runs(array(select id from timers))`
    await sql`vacuum analyze`
    await sql`checkpoint`
  } finally {
    await sql.end()
  }
}
