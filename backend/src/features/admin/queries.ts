import type { AuditEntry, AdminUser } from '@kennwilliamson/contracts/admin'
import type { Sql } from '../../platform/database.ts'

/** Accounts, newest first, older than the one of id `before`. */
export async function listUsers(sql: Sql, { before, limit }: { before: string | null; limit: number }): Promise<AdminUser[]> {
  return await sql<AdminUser[]>`
    select
      u.id, u.email, u.display_name, u.slug, u.created_at, u.active,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles,
      (select max(s.last_used_at)::timestamptz from sessions s where s.user_id = u.id) as last_seen_at
    from users u
    where u.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by u.id desc
    limit ${limit}
  `
}

/**
 * The same of accounts of which one of the three texts that name them contains `q`, without case. They are found before they are put into
 * order: the other way around, a rare name would be looked for in all of them.
 */
export async function searchUsers(
  sql: Sql,
  q: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<AdminUser[]> {
  // No sign of it may mean more than itself.
  const pattern = `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return await sql<AdminUser[]>`
    with found as materialized (
      select u.id from users u
      where lower(u.email::text || E'\n' || u.display_name || E'\n' || u.slug) like lower(${pattern})
        and u.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ),
    page as (select f.id from found f order by f.id desc limit ${limit})
    select
      u.id, u.email, u.display_name, u.slug, u.created_at, u.active,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles,
      (select max(s.last_used_at)::timestamptz from sessions s where s.user_id = u.id) as last_seen_at
    from page
    join users u on u.id = page.id
    order by u.id desc
  `
}

/** Whether a user is active, who stays so till the end of the transaction; null for nobody. */
export async function lockUser(sql: Sql, userId: string): Promise<{ active: boolean } | null> {
  const [row] = await sql<{ active: boolean }[]>`select active from users where id = ${userId} for no key update`
  return row ?? null
}

/** Lets somebody in, or in no more. */
export async function setActive(sql: Sql, userId: string, active: boolean): Promise<void> {
  await sql`update users set active = ${active} where id = ${userId}`
}

/** What the database knows of the installation. Times of backups are those of the newest run, whether it succeeded or not. */
export interface InstallationFigures {
  users: number
  users_active: number
  administrators: number
  timers: number
  suggestions_pending: number
  database_bytes: number
  database_version: string
  /** Null where nothing was migrated yet. */
  migration: number | null
  backup_succeeded: boolean | null
  backup_finished_at: string | null
  proof_succeeded: boolean | null
  proof_finished_at: string | null
  server_time: string
}

/** All of it in one statement. */
export async function readInstallation(sql: Sql): Promise<InstallationFigures> {
  const [row] = await sql<InstallationFigures[]>`
    select
      count(*)::int as users,
      (count(*) filter (where u.active))::int as users_active,
      coalesce((
        select count(*) from user_roles ur
        join roles r on r.id = ur.role_id and r.name = 'admin'
        join users a on a.id = ur.user_id and a.active
      ), 0)::int as administrators,
      coalesce((select count(*) from timers), 0)::int as timers,
      coalesce((select count(*) from phrase_suggestions where status = 'pending'), 0)::int as suggestions_pending,
      coalesce(pg_database_size(current_database()), 0)::bigint as database_bytes,
      coalesce(current_setting('server_version'), '')::text as database_version,
      (select max(version) from schemaversion)::int as migration,
      (select succeeded from backup_runs where kind = 'backup' order by finished_at desc, id desc limit 1) as backup_succeeded,
      (select finished_at from backup_runs where kind = 'backup' order by finished_at desc, id desc limit 1)
        as backup_finished_at,
      (select succeeded from backup_runs where kind = 'proof' order by finished_at desc, id desc limit 1) as proof_succeeded,
      (select finished_at from backup_runs where kind = 'proof' order by finished_at desc, id desc limit 1) as proof_finished_at,
      now() as server_time
    from users u
  `
  if (!row) throw new Error('select returned no row')
  return row
}

/** Security-relevant events, newest first, of one kind and about one account where these are given; older than the one of id `before`. */
export async function listAuditEntries(
  sql: Sql,
  { action, user, before, limit }: { action: string | null; user: string | null; before: string | null; limit: number },
): Promise<AuditEntry[]> {
  return await sql<AuditEntry[]>`
    select
      e.id, e.action, e.actor_id, actor.display_name as actor_name, e.subject_id, subject.display_name as subject_name,
      e.by_operator, coalesce(phrase.phrase_text, suggestion.phrase_text) as phrase_text, e.created_at
    from audit_events e
    left join users actor on actor.id = e.actor_id
    left join users subject on subject.id = e.subject_id
    left join phrases phrase on phrase.id = e.target_id
    left join phrase_suggestions suggestion on suggestion.id = e.target_id
    where e.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (${action}::text is null or e.action = ${action})
      and (${user}::uuid is null or e.actor_id = ${user}::uuid or e.subject_id = ${user}::uuid)
    order by e.id desc
    limit ${limit}
  `
}
