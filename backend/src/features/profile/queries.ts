import type { Profile } from '@kennwilliamson/contracts/accounts'
import type { UserRow } from '../auth/queries.ts'
import type { Sql } from '../../platform/database.ts'

/** What one may change about oneself, or null for a user who is not there or not active. */
export async function findProfile(sql: Sql, userId: string): Promise<(UserRow & { time_zone: string }) | null> {
  const [row] = await sql<(UserRow & { time_zone: string })[]>`
    select
      u.id, u.email, u.display_name, u.slug, u.time_zone, u.created_at,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles
    from users u
    where u.id = ${userId} and u.active
  `
  return row ?? null
}

/** The former addresses that still lead to a user, the one that was given up last first. */
export async function listFormerSlugs(sql: Sql, userId: string): Promise<Profile['former_slugs']> {
  return await sql<Profile['former_slugs']>`
    select slug, expires_at
    from former_slugs
    where user_id = ${userId} and expires_at > now()
    order by expires_at desc, slug
  `
}

/** The address of an active user, who stays as they are till the end of the transaction; else null. */
export async function lockSlug(sql: Sql, userId: string): Promise<string | null> {
  const [row] = await sql<{ slug: string }[]>`select slug from users where id = ${userId} and active for no key update`
  return row?.slug ?? null
}

/**
 * Changes what is given; null keeps what is there, and what changes nothing writes nothing. A taken address is a violation of
 * `users_slug_key`, also when it is somebody's former one.
 */
export async function updateProfile(
  sql: Sql,
  userId: string,
  change: { displayName: string | null; slug: string | null; timeZone: string | null },
): Promise<void> {
  await sql`
    update users
    set
      display_name = coalesce(${change.displayName}::text, display_name),
      slug = coalesce(${change.slug}::text, slug),
      time_zone = coalesce(${change.timeZone}::text, time_zone)
    where id = ${userId}
      and (display_name, slug, time_zone) is distinct from (
        coalesce(${change.displayName}::text, display_name),
        coalesce(${change.slug}::text, slug),
        coalesce(${change.timeZone}::text, time_zone)
      )
  `
}

/** Keeps an address that was just given up for its owner, for 90 days. */
export async function keepFormerSlug(sql: Sql, userId: string, slug: string): Promise<void> {
  await sql`
    insert into former_slugs (slug, user_id, expires_at)
    values (${slug}, ${userId}, now() + interval '90 days')
    on conflict (slug) do update set user_id = excluded.user_id, expires_at = excluded.expires_at, created_at = now()
  `
}

/** An address that a user has is none that they had. */
export async function dropFormerSlug(sql: Sql, userId: string, slug: string): Promise<void> {
  await sql`delete from former_slugs where slug = ${slug} and user_id = ${userId}`
}

/** Forgets former addresses that anybody may have again. */
export async function sweepFormerSlugs(sql: Sql): Promise<void> {
  await sql`delete from former_slugs where expires_at < now()`
}
