import type { Session } from '@kennwilliamson/contracts/accounts'
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

/** The account behind an e-mail address, with its password hash. */
export async function findCredentials(
  sql: Sql,
  email: string,
): Promise<{ id: string; active: boolean; password_hash: string } | null> {
  const [row] = await sql<{ id: string; active: boolean; password_hash: string }[]>`
    select id, active, password_hash from users where email = ${email}
  `
  return row ?? null
}

/** Replaces a password hash that is still this one. False when it is not any more. */
export async function replacePasswordHash(
  sql: Sql,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    update users set password_hash = ${to} where id = ${userId} and password_hash = ${from} returning id
  `
  return rows.length > 0
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

/**
 * Opens a session for an active user: the first generation of a new family. `proved` is the password hash by which they have signed in,
 * null for a user who was made in this very transaction. Answers null when that hash is not theirs any more, or they are not active. Whoever is just changing either is waited for, and ends this session if
 * it comes first: so no session outlives the password or the account that it began with. `action` is what the audit log says of it.
 */
export async function insertSession(
  sql: Sql,
  { userId, proved }: { userId: string; proved: string | null },
  token: RefreshToken,
  device: Device,
  lifetimes: { idleSeconds: number; absoluteSeconds: number },
  action: 'registered' | 'signed_in' = 'signed_in',
): Promise<{ session_id: string; generation: number; expires_at: string } | null> {
  const [row] = await sql<{ session_id: string; generation: number; expires_at: string }[]>`
    with holder as (
      select u.id from users u
      where u.id = ${userId} and u.active and (${proved}::text is null or u.password_hash = ${proved})
      for share
    ), started as (
      insert into sessions (user_id, family_hash, current_hash, expires_at, absolute_expires_at, user_agent, ip)
      select
        h.id, ${token.familyHash}, ${token.hash},
        now() + make_interval(secs => least(${lifetimes.idleSeconds}::int, ${lifetimes.absoluteSeconds}::int)),
        now() + make_interval(secs => ${lifetimes.absoluteSeconds}::int),
        ${device.userAgent}, ${device.ip}
      from holder h
      returning id as session_id, user_id, generation, expires_at
    ), audited as (
      insert into audit_events (actor_id, subject_id, action, target_id) select user_id, user_id, ${action}, session_id from started
    )
    select session_id, generation, expires_at from started
  `
  return row ?? null
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
      insert into audit_events (actor_id, subject_id, action, target_id) select user_id, user_id, ${action}, id from revoked
    )
    select id from revoked
  `
  return rows.length > 0
}

/** Kills a living session of this user, its access tokens too, and says so in the audit log. False when there is none of that id. */
export async function revokeOwnSession(sql: Sql, userId: string, sessionId: string): Promise<boolean> {
  const rows = await sql<{ id: string }[]>`
    with revoked as (
      update sessions set revoked_at = now()
      where id = ${sessionId} and user_id = ${userId} and revoked_at is null and expires_at > now()
      returning id, user_id
    ), marked as (
      insert into revoked_sessions (session_id) select id from revoked on conflict do nothing
    ), audited as (
      insert into audit_events (actor_id, subject_id, action, target_id)
      select user_id, user_id, 'session_signed_out', id from revoked
    )
    select id from revoked
  `
  return rows.length > 0
}

/** The newest 1,000 living sessions of a user: the one that asks first, then the last used. */
export async function listSessions(sql: Sql, userId: string, currentId: string): Promise<Session[]> {
  return await sql<Session[]>`
    select id, coalesce(id = ${currentId}::uuid, false) as current, user_agent, ip, created_at, last_used_at
    from sessions
    where user_id = ${userId} and revoked_at is null and expires_at > now()
    order by id = ${currentId}::uuid desc, last_used_at desc, id desc
    limit 1000
  `
}

/** The living session that a token's family names, whichever token of it was presented. */
export async function findLivingSession(sql: Sql, familyHash: Buffer): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from sessions where family_hash = ${familyHash} and revoked_at is null and expires_at > now()
  `
  return row?.id ?? null
}

/**
 * Kills every living session of a user, perhaps but one, their access tokens too, and returns their ids. What is written into the
 * audit log is the caller's to say.
 */
export async function revokeUserSessions(sql: Sql, userId: string, { except }: { except: string | null }): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with revoked as (
      update sessions set revoked_at = now()
      where user_id = ${userId} and revoked_at is null and expires_at > now() and id is distinct from ${except}::uuid
      returning id
    ), marked as (
      insert into revoked_sessions (session_id) select id from revoked on conflict do nothing
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

/** From now on the connection hears the id of each session that is marked as revoked, in the order of the commits. */
export async function listenToRevocations(sql: Sql): Promise<void> {
  await sql`listen revoked_sessions`
}

/** Says something on the channel of revoked sessions that is no session's id. */
export async function sendHeartbeat(sql: Sql, beat: string): Promise<void> {
  await sql`select from pg_notify('revoked_sessions', ${beat})`
}

/** Whether a session is neither revoked nor expired nor deleted, and its user active. */
export async function isSessionAlive(sql: Sql, sessionId: string): Promise<boolean> {
  const [row] = await sql<{ id: string }[]>`
    select s.id from sessions s join users u on u.id = s.user_id
    where s.id = ${sessionId} and s.revoked_at is null and s.expires_at > now() and u.active
  `
  return row !== undefined
}

/** Forgets marks that no access token can need any more, and sessions that ended over a month ago. */
export async function sweepSessions(sql: Sql, markSeconds: number): Promise<void> {
  await sql`delete from revoked_sessions where revoked_at < now() - make_interval(secs => ${markSeconds}::int)`
  await sql`delete from sessions where expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'`
}
