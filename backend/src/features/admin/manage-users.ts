import type { ResetLink } from '@kennwilliamson/contracts/recovery'
import { ApiError } from '../../http/api-error.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { revokeUserSessions } from '../auth/queries.ts'
import type { RevokedSessions } from '../auth/revoked-sessions.ts'
import { voidResetLinks } from '../recovery/queries.ts'
import { makeResetLink } from '../recovery/reset-links.ts'
import { grantRole, isAdministrator, isLastAdministrator, lockAdministrators, revokeRole } from '../roles/queries.ts'
import { lockUser, setActive } from './queries.ts'

/** An administrator and the user they do something to. */
interface Act {
  adminId: string
  userId: string
}

/**
 * Takes an account out of service: every session dies, links to a new password are void, and what was public is not there any more.
 * Nothing is deleted. Doing it again does nothing.
 *
 * @throws {ApiError} USER_NOT_FOUND, LAST_ADMIN.
 */
export async function deactivateUser(
  { sql, revoked }: { sql: Database; revoked: RevokedSessions },
  { adminId, userId }: Act,
): Promise<void> {
  const killed = await sql.begin(async (sql) => {
    await lockAdministrators(sql)
    const user = await lockUser(sql, userId)
    if (!user) throw new ApiError('USER_NOT_FOUND')
    if (!user.active) return []
    if (await isLastAdministrator(sql, userId)) throw new ApiError('LAST_ADMIN')
    await setActive(sql, userId, false)
    await voidResetLinks(sql, userId)
    await insertAuditEvent(sql, { action: 'account_deactivated', actorId: adminId, subjectId: userId })
    return await revokeUserSessions(sql, userId, { except: null })
  })
  revoked.add(...killed)
}

/** Puts an account back into service, as it was. Doing it again does nothing. @throws {ApiError} USER_NOT_FOUND. */
export async function activateUser(sql: Database, { adminId, userId }: Act): Promise<void> {
  await sql.begin(async (sql) => {
    const user = await lockUser(sql, userId)
    if (!user) throw new ApiError('USER_NOT_FOUND')
    if (user.active) return
    await setActive(sql, userId, true)
    await insertAuditEvent(sql, { action: 'account_activated', actorId: adminId, subjectId: userId })
  })
}

/** Signs a user out everywhere, and says of how many sessions. @throws {ApiError} USER_NOT_FOUND. */
export async function signUserOut(
  { sql, revoked }: { sql: Database; revoked: RevokedSessions },
  { adminId, userId }: Act,
): Promise<number> {
  const killed = await sql.begin(async (sql) => {
    if (!(await lockUser(sql, userId))) throw new ApiError('USER_NOT_FOUND')
    const ids = await revokeUserSessions(sql, userId, { except: null })
    if (ids.length > 0) await insertAuditEvent(sql, { action: 'signed_out_everywhere', actorId: adminId, subjectId: userId })
    return ids
  })
  revoked.add(...killed)
  return killed.length
}

/**
 * Makes a link to a new password for an active user. Not for an administrator, oneself included: whoever has an administrator's
 * session for a moment must not come by an account of that kind for good. Whoever runs the machine still can.
 *
 * @throws {ApiError} USER_NOT_FOUND, ACCOUNT_DEACTIVATED, FORBIDDEN.
 */
export async function makeLinkFor(sql: Database, siteUrl: string, { adminId, userId }: Act): Promise<ResetLink> {
  return await sql.begin(async (sql) => {
    await lockAdministrators(sql)
    const user = await lockUser(sql, userId)
    if (!user) throw new ApiError('USER_NOT_FOUND')
    if (!user.active) throw new ApiError('ACCOUNT_DEACTIVATED')
    if (await isAdministrator(sql, userId)) throw new ApiError('FORBIDDEN')
    return await makeResetLink(sql, { userId, actorId: adminId, siteUrl })
  })
}

/** Waits for whatever else changes who is an administrator; whoever has ceased to be one meanwhile does nothing more. */
async function actAsAdministrator(sql: Sql, { adminId, userId }: Act): Promise<{ active: boolean }> {
  await lockAdministrators(sql)
  if (!(await isAdministrator(sql, adminId))) throw new ApiError('FORBIDDEN')
  const user = await lockUser(sql, userId)
  if (!user) throw new ApiError('USER_NOT_FOUND')
  return user
}

/** Makes an active user an administrator. Doing it again does nothing. @throws {ApiError} USER_NOT_FOUND, ACCOUNT_DEACTIVATED, FORBIDDEN. */
export async function promoteUser(sql: Database, act: Act): Promise<void> {
  await sql.begin(async (sql) => {
    const { active } = await actAsAdministrator(sql, act)
    if (!active) throw new ApiError('ACCOUNT_DEACTIVATED')
    if (await grantRole(sql, act.userId, 'admin'))
      await insertAuditEvent(sql, { action: 'admin_granted', actorId: act.adminId, subjectId: act.userId })
  })
}

/**
 * Makes an administrator an ordinary user, oneself too, but never the last active one. Doing it again does nothing.
 *
 * @throws {ApiError} USER_NOT_FOUND, LAST_ADMIN, FORBIDDEN.
 */
export async function demoteUser(sql: Database, act: Act): Promise<void> {
  await sql.begin(async (sql) => {
    await actAsAdministrator(sql, act)
    if (await isLastAdministrator(sql, act.userId)) throw new ApiError('LAST_ADMIN')
    if (await revokeRole(sql, act.userId, 'admin'))
      await insertAuditEvent(sql, { action: 'admin_revoked', actorId: act.adminId, subjectId: act.userId })
  })
}
