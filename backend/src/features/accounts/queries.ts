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
 * Makes a user with the role `user` and the default timer, in one statement. A taken address or slug is a unique violation
 * of `users_email_key` or `users_slug_key`.
 */
export async function insertUser(sql: Sql, user: NewUser): Promise<UserRow> {
  const [row] = await sql<Omit<UserRow, 'roles'>[]>`
    with new_user as (
      insert into users (email, display_name, slug, time_zone, password_hash)
      values (${user.email}, ${user.displayName}, ${user.slug}, ${user.timeZone}, ${user.passwordHash})
      returning id, email, display_name, slug, created_at
    ), new_role as (
      insert into user_roles (user_id, role_id) select u.id, r.id from new_user u, roles r where r.name = 'user'
    ), new_timer as (
      insert into timers (user_id, slug, is_default, title, share_level)
      select u.id, 'incident-timer', true, ${FIRST_TIMER_TITLE}, ${user.shareLevel} from new_user u
    )
    select id, email, display_name, slug, created_at from new_user
  `
  if (!row) throw new Error('insert returned no row')
  return { ...row, roles: ['user'] }
}

/** The first of `base`, `base-2`, `base-3` … that nobody has. */
export async function findFreeSlug(sql: Sql, base: string): Promise<string | null> {
  const [row] = await sql<{ slug: string | null }[]>`
    select ${base}::text as slug where not exists (select from users where users.slug = ${base})
    union all
    select candidate
    from generate_series(2, 99999) as n, lateral (select ${base}::text || '-' || n as candidate) c
    where not exists (select from users where users.slug = candidate)
    limit 1
  `
  return row?.slug ?? null
}
