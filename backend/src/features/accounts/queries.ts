import type { ShareLevel } from '@kennwilliamson/contracts/share-levels'
import type { Sql } from '../../platform/database.ts'
import type { UserRow } from '../auth/queries.ts'

/** What a new account is made of. */
export interface NewUser {
  email: string
  displayName: string
  slug: string
  timeZone: string
  passwordHash: string
  shareLevel: ShareLevel
}

/** The title of the timer that every user is born with. */
const FIRST_TIMER_TITLE = 'Time since the last incident'

/**
 * Makes a user with the role `user` and the default timer, in one statement. Null when the e-mail address is taken: no
 * violation is raised, because a database's log shows the row of one. A taken slug is a violation of `users_slug_key`.
 */
export async function insertUser(sql: Sql, user: NewUser): Promise<UserRow | null> {
  const [row] = await sql<Omit<UserRow, 'roles'>[]>`
    with new_user as (
      insert into users (email, display_name, slug, time_zone, password_hash)
      values (${user.email}, ${user.displayName}, ${user.slug}, ${user.timeZone}, ${user.passwordHash})
      on conflict (email) do nothing
      returning id, email, display_name, slug, created_at
    ), new_role as (
      insert into user_roles (user_id, role_id) select u.id, r.id from new_user u, roles r where r.name = 'user'
    ), new_timer as (
      insert into timers (user_id, slug, is_default, title, share_level)
      select u.id, 'incident-timer', true, ${FIRST_TIMER_TITLE}, ${user.shareLevel} from new_user u
    )
    select id, email, display_name, slug, created_at from new_user
  `
  return row ? { ...row, roles: ['user'] } : null
}

/** How many numbers are tried at first: few people of one name are the rule. */
const NEAR = 50

/** The first of `base`, `base-2`, `base-3` … that nobody has, or had a short while ago. */
export async function findFreeSlug(sql: Sql, base: string): Promise<string | null> {
  return (await findFreeNumber(sql, base, 1, NEAR)) ?? (await findFreeNumber(sql, base, NEAR + 1, 99_999))
}

async function findFreeNumber(sql: Sql, base: string, from: number, to: number): Promise<string | null> {
  const [row] = await sql<{ slug: string | null }[]>`
    select candidate as slug
    from generate_series(${from}::int, ${to}::int) as n,
      lateral (select case when n = 1 then ${base}::text else ${base}::text || '-' || n end as candidate) c
    where not exists (select from users where users.slug = candidate)
      and not exists (select from former_slugs f where f.slug = candidate and f.expires_at > now())
    order by n
    limit 1
  `
  return row?.slug ?? null
}

/** Who asks, as far as the account knows them: a session of a user. */
interface OwnSession {
  userId: string
  sessionId: string
}

/** What a signed-in user's password is verified with. */
export interface OwnCredentials {
  email: string
  password_hash: string
}

/** The address and password hash of an active user whose session lives, else null. */
export async function findOwnCredentials(sql: Sql, { userId, sessionId }: OwnSession): Promise<OwnCredentials | null> {
  const [row] = await sql<OwnCredentials[]>`
    select u.email, u.password_hash
    from users u
    join sessions s on s.user_id = u.id and s.id = ${sessionId} and s.revoked_at is null and s.expires_at > now()
    where u.id = ${userId} and u.active
  `
  return row ?? null
}

/** Sets another password of an active user whose session lives and whose password is still the one that was proved. False else. */
export async function changePasswordHash(
  sql: Sql,
  { userId, sessionId }: OwnSession,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    update users u set password_hash = ${to}
    where u.id = ${userId} and u.active and u.password_hash = ${from}
      and exists (select from sessions s where s.id = ${sessionId} and s.user_id = u.id and s.revoked_at is null and s.expires_at > now())
    returning u.id
  `
  return rows.length > 0
}

/** Whether there is anybody beside this user. */
export async function hasOtherUsers(sql: Sql, userId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`select id from users where id <> ${userId} limit 1`
  return rows.length > 0
}

/**
 * Holds an account that is to be deleted, under the same conditions as {@link changePasswordHash}: no session begins and nothing is
 * added to it from here on. False when there is none such.
 */
export async function lockOwnAccount(sql: Sql, { userId, sessionId }: OwnSession, passwordHash: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    select u.id from users u
    where u.id = ${userId} and u.active and u.password_hash = ${passwordHash}
      and exists (select from sessions s where s.id = ${sessionId} and s.user_id = u.id and s.revoked_at is null and s.expires_at > now())
    for update
  `
  return rows.length > 0
}

/** Deletes an account with all that belongs to it. Of the audit log the bare events stay. */
export async function deleteUser(sql: Sql, userId: string): Promise<void> {
  await sql`delete from users where id = ${userId}`
}
