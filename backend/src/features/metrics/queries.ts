import type { Sql } from '../../platform/database.ts'

/** What the database knows of the site as a whole. Times are seconds since the epoch. */
export interface SiteFigures {
  users: number
  timers: number
  /** Neither revoked nor expired. */
  sessions: number
  /** Connections of the application's role, over all instances. */
  connections: number
  connections_active: number
  connections_idle_in_transaction: number
  backup_succeeded_at: number | null
  /** Null before the first. */
  backup_last_succeeded: boolean | null
  proof_succeeded_at: number | null
  proof_last_succeeded: boolean | null
}

/** All of it in one statement, since it is asked at every scrape of every instance. */
export async function readSiteFigures(sql: Sql): Promise<SiteFigures> {
  const [row] = await sql<SiteFigures[]>`
    select
      coalesce((select count(*) from users), 0)::int as users,
      coalesce((select count(*) from timers), 0)::int as timers,
      coalesce((select count(*) from sessions where revoked_at is null and expires_at > now()), 0)::int as sessions,
      count(*)::int as connections,
      (count(*) filter (where state = 'active'))::int as connections_active,
      (count(*) filter (where state like 'idle in transaction%'))::int as connections_idle_in_transaction,
      (select extract(epoch from max(finished_at)) from backup_runs where kind = 'backup' and succeeded)::float8
        as backup_succeeded_at,
      (select succeeded from backup_runs where kind = 'backup' order by finished_at desc, id desc limit 1)
        as backup_last_succeeded,
      (select extract(epoch from max(finished_at)) from backup_runs where kind = 'proof' and succeeded)::float8
        as proof_succeeded_at,
      (select succeeded from backup_runs where kind = 'proof' order by finished_at desc, id desc limit 1)
        as proof_last_succeeded
    from pg_stat_activity
    where usename = current_user and datname = current_database()
  `
  if (!row) throw new Error('select returned no row')
  return row
}
