import type { Sql } from '../../platform/database.ts'

/** The claim code that is good now: what it is derived from, and the hash of what was derived. */
export interface ClaimRow {
  nonce: Buffer
  code_hash: Buffer
}

/**
 * Puts a new claim code in the place of one that was used, has less than 12 of its 24 hours left, or is `stale`. Of several that do so
 * at once the first decides, and the others leave what is there.
 */
export async function renewClaimCode(
  sql: Sql,
  { nonce, codeHash, stale }: { nonce: Buffer; codeHash: Buffer; stale: Buffer | null },
): Promise<void> {
  await sql`
    insert into one_time_codes as c (purpose, code_hash, nonce, expires_at)
    values ('claim', ${codeHash}, ${nonce}, now() + interval '24 hours')
    on conflict (purpose) where purpose = 'claim' do update
      set code_hash = excluded.code_hash, nonce = excluded.nonce, expires_at = excluded.expires_at, used_at = null, created_at = now()
      where c.used_at is not null or c.expires_at < now() + interval '12 hours' or c.code_hash = ${stale}
  `
}

/** The claim code, good or not, or null. */
export async function findClaimCode(sql: Sql): Promise<ClaimRow | null> {
  const [row] = await sql<(Omit<ClaimRow, 'nonce'> & { nonce: Buffer | null })[]>`
    select nonce, code_hash from one_time_codes where purpose = 'claim'
  `
  return row?.nonce ? { nonce: row.nonce, code_hash: row.code_hash } : null
}

/** Uses the claim code up. False when it is another, was used or has expired. */
export async function takeClaimCode(sql: Sql, codeHash: Buffer): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    update one_time_codes set used_at = now()
    where purpose = 'claim' and code_hash = ${codeHash} and used_at is null and expires_at > now()
    returning id
  `
  return rows.length > 0
}

/** An account that an operator names by its address, or null. */
export async function findAccountByEmail(sql: Sql, email: string): Promise<{ id: string; active: boolean; slug: string } | null> {
  const [row] = await sql<{ id: string; active: boolean; slug: string }[]>`
    select id, active, slug from users where email = ${email}
  `
  return row ?? null
}

/** Keeps the hash of a link for a user, for 24 hours. One that was made before is void. Says until when. */
export async function insertResetLink(sql: Sql, userId: string, tokenHash: Buffer): Promise<string> {
  const [row] = await sql<{ expires_at: string }[]>`
    insert into one_time_codes (purpose, user_id, code_hash, expires_at)
    values ('reset-password', ${userId}, ${tokenHash}, now() + interval '24 hours')
    on conflict (user_id) where purpose = 'reset-password' do update
      set code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_at = null, created_at = now()
    returning expires_at
  `
  if (!row) throw new Error('insert returned no row')
  return row.expires_at
}

/** Whose password a link sets, or null when it is void, was used or has expired, or the account is not active. */
export async function findResetAccount(sql: Sql, tokenHash: Buffer): Promise<{ id: string; email: string } | null> {
  const [row] = await sql<{ id: string; email: string }[]>`
    select u.id, u.email
    from one_time_codes c
    join users u on u.id = c.user_id and u.active
    where c.purpose = 'reset-password' and c.code_hash = ${tokenHash} and c.used_at is null and c.expires_at > now()
  `
  return row ?? null
}

/** Sets another password of an active user, who stays as they are till the end of the transaction. False when there is none such. */
export async function setPasswordHash(sql: Sql, userId: string, passwordHash: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    update users set password_hash = ${passwordHash} where id = ${userId} and active returning id
  `
  return rows.length > 0
}

/** Uses a link up. False when it is void, was used or has expired. */
export async function takeResetLink(sql: Sql, userId: string, tokenHash: Buffer): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    update one_time_codes set used_at = now()
    where purpose = 'reset-password' and user_id = ${userId} and code_hash = ${tokenHash} and used_at is null and expires_at > now()
    returning id
  `
  return rows.length > 0
}

/** Voids whatever link there is to a new password of this user. */
export async function voidResetLinks(sql: Sql, userId: string): Promise<void> {
  await sql`delete from one_time_codes where purpose = 'reset-password' and user_id = ${userId}`
}

/** Forgets links whose time is over. */
export async function sweepResetLinks(sql: Sql): Promise<void> {
  await sql`delete from one_time_codes where purpose = 'reset-password' and expires_at < now()`
}
