import type { SecretLink } from '@kennwilliamson/contracts/links'
import type { Sql } from '../../platform/database.ts'

/** Whether a timer is this user's. */
export async function ownsTimer(sql: Sql, userId: string, timerId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`select id from timers where id = ${timerId} and user_id = ${userId}`
  return rows.length > 0
}

/** The links of a user's timer, newest first. */
export async function listLinks(sql: Sql, userId: string, timerId: string): Promise<SecretLink[]> {
  return await sql<SecretLink[]>`
    select l.id, l.share_level, l.expires_at, l.last_used_at, l.created_at
    from secret_links l
    join timers t on t.id = l.timer_id
    where t.id = ${timerId} and t.user_id = ${userId}
    order by l.id desc
  `
}

/**
 * Keeps a new link to a user's timer; null when that is not there, `'past'` when it would have expired already. The twenty-first
 * violates `secret_links_at_most_20`.
 */
export async function insertLink(
  sql: Sql,
  userId: string,
  timerId: string,
  link: { hash: Buffer; shareLevel: SecretLink['share_level']; expiresAt: string | null },
): Promise<SecretLink | 'past' | null> {
  const [row] = await sql<
    {
      timer_id: string
      id: string | null
      share_level: SecretLink['share_level'] | null
      expires_at: string | null
      last_used_at: string | null
      created_at: string | null
    }[]
  >`
    with target as (
      select id from timers where id = ${timerId} and user_id = ${userId}
    ), inserted as (
      insert into secret_links (timer_id, secret_hash, share_level, expires_at)
      select target.id, ${link.hash}::bytea, ${link.shareLevel}::text, ${link.expiresAt}::timestamptz
      from target
      where coalesce(${link.expiresAt}::timestamptz > now(), true)
      returning id, share_level, expires_at, last_used_at, created_at
    )
    select target.id as timer_id, inserted.id, inserted.share_level, inserted.expires_at, inserted.last_used_at, inserted.created_at
    from target left join inserted on true
  `
  if (!row) return null
  const { id, share_level, expires_at, last_used_at, created_at } = row
  if (id === null || share_level === null || created_at === null) return 'past'
  return { id, share_level, expires_at, last_used_at, created_at }
}

/** Revokes a link of a user's timer. False when there is none. */
export async function deleteLink(sql: Sql, userId: string, timerId: string, linkId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    delete from secret_links l
    using timers t
    where l.id = ${linkId} and l.timer_id = ${timerId} and t.id = l.timer_id and t.user_id = ${userId}
    returning l.id
  `
  return rows.length > 0
}

/** A link that opens something, by the hash of its secret; null alike for unknown, revoked, expired, and where there is nothing to see. */
export async function findOpenLink(
  sql: Sql,
  hash: Buffer,
): Promise<{ id: string; timer_id: string; was_used_lately: boolean } | null> {
  const [row] = await sql<{ id: string; timer_id: string; was_used_lately: boolean }[]>`
    select l.id, l.timer_id, coalesce(l.last_used_at > now() - interval '1 minute', false) as was_used_lately
    from secret_links l
    join timers t on t.id = l.timer_id and t.archived_at is null
    join users u on u.id = t.user_id and u.active
    where l.secret_hash = ${hash} and (l.expires_at is null or l.expires_at > now())
  `
  return row ?? null
}

/** Notes that a link was used, once a minute at most, however many come at once. */
export async function noteLinkUse(sql: Sql, linkId: string): Promise<void> {
  await sql`
    update secret_links set last_used_at = now()
    where id = ${linkId} and (last_used_at is null or last_used_at <= now() - interval '1 minute')
  `
}

/** Forgets links 30 days after they expired. */
export async function sweepLinks(sql: Sql): Promise<void> {
  await sql`delete from secret_links where expires_at < now() - interval '30 days'`
}
