import type { AdminUser } from '@kennwilliamson/contracts/admin'
import type { Sql } from '../../platform/database.ts'

/** Accounts, newest first, of which one of the three texts that name them contains `q`, without case; older than the one of id `before`. */
export async function listUsers(
  sql: Sql,
  { q, before, limit }: { q: string | null; before: string | null; limit: number },
): Promise<AdminUser[]> {
  return await sql<AdminUser[]>`
    select
      u.id, u.email, u.display_name, u.slug, u.created_at, u.active,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles,
      (select max(s.last_used_at)::timestamptz from sessions s where s.user_id = u.id) as last_seen_at
    from users u
    where u.id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (
        ${q}::text is null
        or strpos(lower(u.email::text), lower(${q})) > 0
        or strpos(lower(u.display_name), lower(${q})) > 0
        or strpos(lower(u.slug), lower(${q})) > 0
      )
    order by u.id desc
    limit ${limit}
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
