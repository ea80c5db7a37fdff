import type { ChangePasswordRequest } from '@kennwilliamson/contracts/accounts'
import type { Config } from '../../config.ts'
import type { Caller } from '../../http/guards.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { refuseWeak } from '../auth/password-rules.ts'
import { hashPassword } from '../auth/passwords.ts'
import { revokeUserSessions } from '../auth/queries.ts'
import type { RevokedSessions } from '../auth/revoked-sessions.ts'
import { voidResetLinks } from '../recovery/queries.ts'
import { noLongerProved, provePassword } from './prove-password.ts'
import { changePasswordHash } from './queries.ts'

/** What changing a password and deleting an account need. */
export interface AccountParts {
  sql: Database
  config: Config
  revoked: RevokedSessions
  tally: Tally
}

/**
 * Replaces one's password, signs out every other session and voids links to a new password. Of two who change it at once, or of a
 * change and a link, one wins: the other is told that the password is not right, which it is not any more.
 *
 * @throws {ApiError} WRONG_PASSWORD, PASSWORD_TOO_WEAK, TOO_MANY_REQUESTS, OVERLOADED, UNAUTHENTICATED.
 */
export async function changePassword(
  { sql, config, revoked, tally }: AccountParts,
  caller: Caller,
  { current_password, new_password }: ChangePasswordRequest,
): Promise<void> {
  const field = 'current_password'
  const proved = await provePassword({ sql, tally }, caller, { password: current_password, field })
  refuseWeak(new_password, { email: proved.email, siteName: config.siteName }, 'new_password')
  const to = await hashPassword(new_password)
  const killed = await sql.begin(async (sql) => {
    // First, so that a session that begins at this moment waits, and then needs the new password.
    if (!(await changePasswordHash(sql, caller, { from: proved.password_hash, to }))) return null
    const { userId } = caller
    const ids = await revokeUserSessions(sql, userId, { except: caller.sessionId })
    await voidResetLinks(sql, userId)
    await insertAuditEvent(sql, { action: 'password_changed', actorId: userId, subjectId: userId })
    return ids
  })
  if (killed === null) throw await noLongerProved(sql, caller, field)
  revoked.add(...killed)
}
