import type { Sql } from '../../platform/database.ts'

/** What identifies a request that must happen once. */
export interface RequestKey {
  userId: string
  route: string
  key: string
  requestHash: Buffer
}

/** The answer given the first time. */
export interface FirstAnswer {
  request_hash: Buffer
  status: number | null
  body: string | null
}

/**
 * Claims the key; false when it is taken. Waits while another transaction holds the same claim. A key older than a day is
 * free again.
 */
export async function claimKey(sql: Sql, { userId, route, key, requestHash }: RequestKey): Promise<boolean> {
  const rows = await sql<{ key: string }[]>`
    insert into idempotency_keys as k (user_id, route, key, request_hash)
    values (${userId}, ${route}, ${key}, ${requestHash})
    on conflict (user_id, route, key) do update
      set request_hash = excluded.request_hash, status = null, body = null, created_at = now()
      where k.created_at < now() - interval '24 hours'
    returning k.key
  `
  return rows.length > 0
}

/** The answer kept for a key, or null. */
export async function findFirstAnswer(sql: Sql, { userId, route, key }: RequestKey): Promise<FirstAnswer | null> {
  const [row] = await sql<FirstAnswer[]>`
    select request_hash, status, body
    from idempotency_keys
    where user_id = ${userId} and route = ${route} and key = ${key}
  `
  return row ?? null
}

/** Keeps the answer beside its key, in the transaction that did the work. */
export async function keepAnswer(sql: Sql, { userId, route, key }: RequestKey, status: number, body: string): Promise<void> {
  await sql`
    update idempotency_keys
    set status = ${status}, body = ${body}
    where user_id = ${userId} and route = ${route} and key = ${key}
  `
}

/** Forgets keys older than a day. */
export async function sweepIdempotencyKeys(sql: Sql): Promise<void> {
  await sql`delete from idempotency_keys where created_at < now() - interval '24 hours'`
}
