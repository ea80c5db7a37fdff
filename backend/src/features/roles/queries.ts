import type { Role } from '@kennwilliamson/contracts/auth'
import type { Sql } from '../../platform/database.ts'

const ADMINISTRATORS_LOCK = 7_101_919

/**
 * Makes everything that changes who is an active administrator happen one after the other, over all instances, till the end of the
 * transaction. Taken before any row is locked: two administrators who leave at the same moment must not both find the other there.
 */
export async function lockAdministrators(sql: Sql): Promise<void> {
  await sql`select from pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::bigint)`
}

/** Whether there is an active administrator. */
export async function hasAdministrator(sql: Sql): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    select u.id
    from user_roles ur
    join roles r on r.id = ur.role_id and r.name = 'admin'
    join users u on u.id = ur.user_id and u.active
    limit 1
  `
  return rows.length > 0
}

/** Whether this user is an active administrator, now. */
export async function isAdministrator(sql: Sql, userId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    select u.id
    from users u
    join user_roles ur on ur.user_id = u.id
    join roles r on r.id = ur.role_id and r.name = 'admin'
    where u.id = ${userId} and u.active
  `
  return rows.length > 0
}

/** Whether this user is an active administrator and nobody else is. To be asked under {@link lockAdministrators}. */
export async function isLastAdministrator(sql: Sql, userId: string): Promise<boolean> {
  const [row] = await sql<{ administrators: number; is_one: boolean | null }[]>`
    select count(*)::int as administrators, bool_or(u.id = ${userId}) as is_one
    from user_roles ur
    join roles r on r.id = ur.role_id and r.name = 'admin'
    join users u on u.id = ur.user_id and u.active
  `
  return row?.administrators === 1 && row.is_one === true
}

/** Gives an active user a role. False when there is no such user, or they have it. */
export async function grantRole(sql: Sql, userId: string, role: Role): Promise<boolean> {
  const rows = await sql<{ user_id: string }[]>`
    insert into user_roles (user_id, role_id)
    select u.id, r.id from users u, roles r where u.id = ${userId} and u.active and r.name = ${role}
    on conflict do nothing
    returning user_id
  `
  return rows.length > 0
}

/** Takes a role from a user. False when they did not have it. */
export async function revokeRole(sql: Sql, userId: string, role: Role): Promise<boolean> {
  const rows = await sql<{ user_id: string }[]>`
    delete from user_roles ur using roles r
    where r.id = ur.role_id and r.name = ${role} and ur.user_id = ${userId}
    returning ur.user_id
  `
  return rows.length > 0
}
