import type { Role } from '@kennwilliamson/contracts/auth'
import type { Sql } from '../../platform/database.ts'
import type { RefreshToken } from './refresh-tokens.ts'

/** A user as the contract shows one, ready to be answered. */
export interface UserRow {
  id: string
  email: string
  display_name: string
  slug: string
  roles: Role[]
  created_at: string
}

/** A living session with its user. */
export interface SessionRow extends UserRow {
  session_id: string
  generation: number
  expires_at: string
}

/** Where a family stands when its current token was not the one presented. */
export interface FamilyState extends SessionRow {
  /** Neither revoked nor expired, and the user is active. */
  alive: boolean
  current_hash: Buffer
  previous_hash: Buffer | null
  in_grace: boolean
}

/** Who signs in, and from where. */
export interface Device {
  userAgent: string | null
  ip: string
}

/** The account behind an e-mail address, with its password hash. The only query that reads the hash. */
export async function findCredentials(
  sql: Sql,
  email: string,
): Promise<{ id: string; active: boolean; password_hash: string } | null> {
  const [row] = await sql<{ id: string; active: boolean; password_hash: string }[]>`
    select id, active, password_hash from users where email = ${email}
  `
  return row ?? null
}

/** An active user, or null. */
export async function findUser(sql: Sql, userId: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`
    select
      u.id, u.email, u.display_name, u.slug, u.created_at,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles
    from users u
    where u.id = ${userId} and u.active
  `
  return row ?? null
}

/** Opens a session for a user: the first generation of a new family. */
export async function insertSession(
  sql: Sql,
  userId: string,
  token: RefreshToken,
  device: Device,
  lifetimes: { idleSeconds: number; absoluteSeconds: number },
): Promise<{ session_id: string; generation: number; expires_at: string }> {
  const [row] = await sql<{ session_id: string; generation: number; expires_at: string }[]>`
    insert into sessions (user_id, family_hash, current_hash, expires_at, absolute_expires_at, user_agent, ip)
    values (
      ${userId}, ${token.familyHash}, ${token.hash},
      now() + make_interval(secs => least(${lifetimes.idleSeconds}::int, ${lifetimes.absoluteSeconds}::int)),
      now() + make_interval(secs => ${lifetimes.absoluteSeconds}::int),
      ${device.userAgent}, ${device.ip}
    )
    returning id as session_id, generation, expires_at
  `
  if (!row) throw new Error('insert returned no row')
  return row
}

/**
 * Replaces the current token of a living family by its successor. Null when the presented token is not the current one: the
 * row lock makes everyone who presents the same token at the same time wait here, and only one of them updates.
 */
export async function advanceFamily(
  sql: Sql,
  presented: RefreshToken,
  successor: RefreshToken,
  idleSeconds: number,
): Promise<SessionRow | null> {
  const [row] = await sql<SessionRow[]>`
    with advanced as (
      update sessions s
      set
        previous_hash = s.current_hash,
        current_hash = ${successor.hash},
        generation = s.generation + 1,
        rotated_at = now(),
        used_at = null,
        last_used_at = now(),
        expires_at = least(now() + make_interval(secs => ${idleSeconds}::int), s.absolute_expires_at)
      from users u
      where s.family_hash = ${presented.familyHash}
        and s.current_hash = ${presented.hash}
        and s.revoked_at is null
        and s.expires_at > now()
        and u.id = s.user_id
        and u.active
      returning s.id as session_id, s.generation, s.expires_at, u.id, u.email, u.display_name, u.slug, u.created_at
    )
    select
      a.*,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = a.id order by r.name desc) as roles
    from advanced a
  `
  return row ?? null
}

/** The state of a family, or null when there is none of that name. */
export async function findFamily(
  sql: Sql,
  familyHash: Buffer,
  grace: { afterUseSeconds: number; unusedSeconds: number },
): Promise<FamilyState | null> {
  const [row] = await sql<FamilyState[]>`
    select
      s.id as session_id, s.generation, s.expires_at, s.current_hash, s.previous_hash,
      s.revoked_at is null and s.expires_at > now() and u.active as alive,
      now() < s.rotated_at + make_interval(secs => ${grace.unusedSeconds}::int)
        and (s.used_at is null or now() < s.used_at + make_interval(secs => ${grace.afterUseSeconds}::int)) as in_grace,
      u.id, u.email, u.display_name, u.slug, u.created_at,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles
    from sessions s
    join users u on u.id = s.user_id
    where s.family_hash = ${familyHash}
  `
  return row ?? null
}

/** Notes that the current generation was seen in use, once: from now the previous token has its last seconds. */
export async function markGenerationUsed(sql: Sql, sessionId: string, generation: number): Promise<void> {
  await sql`
    update sessions
    set used_at = now(), last_used_at = now()
    where id = ${sessionId} and generation = ${generation} and used_at is null
  `
}

/** Kills one session, its access tokens too, and says why in the audit log. False when it was dead already. */
export async function revokeSession(
  sql: Sql,
  sessionId: string,
  action: 'refresh_token_reused' | 'signed_out',
): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    with revoked as (
      update sessions set revoked_at = now() where id = ${sessionId} and revoked_at is null returning id, user_id
    ), marked as (
      insert into revoked_sessions (session_id) select id from revoked on conflict do nothing
    ), audited as (
      insert into audit_events (actor_id, action, target_id) select user_id, ${action}, id from revoked
    )
    select id from revoked
  `
  return rows.length > 0
}

/** The living session that a token's family names, whichever token of it was presented. */
export async function findLivingSession(sql: Sql, familyHash: Buffer): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from sessions where family_hash = ${familyHash} and revoked_at is null and expires_at > now()
  `
  return row?.id ?? null
}

/** Kills every living session of a user and returns their ids. */
export async function revokeAllSessions(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with revoked as (
      update sessions set revoked_at = now()
      where user_id = ${userId} and revoked_at is null and expires_at > now()
      returning id, user_id
    ), marked as (
      insert into revoked_sessions (session_id) select id from revoked on conflict do nothing
    ), audited as (
      insert into audit_events (actor_id, action) select distinct user_id, 'signed_out_everywhere' from revoked
    )
    select id from revoked
  `
  return rows.map((row) => row.id)
}

/** Sessions killed within the last `seconds`: what an instance must know when it starts. */
export async function listRevokedSessions(sql: Sql, seconds: number): Promise<string[]> {
  const rows = await sql<{ session_id: string }[]>`
    select session_id from revoked_sessions where revoked_at > now() - make_interval(secs => ${seconds}::int)
  `
  return rows.map((row) => row.session_id)
}

/** Forgets marks that no access token can need any more, and sessions that ended over a month ago. */
export async function sweepSessions(sql: Sql, markSeconds: number): Promise<void> {
  await sql`delete from revoked_sessions where revoked_at < now() - make_interval(secs => ${markSeconds}::int)`
  await sql`delete from sessions where expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'`
}
