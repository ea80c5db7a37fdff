import type { ResetPasswordRequest } from '@kennwilliamson/contracts/recovery'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { refuseWeak } from '../auth/password-rules.ts'
import { hashPassword } from '../auth/passwords.ts'
import { revokeUserSessions } from '../auth/queries.ts'
import type { RevokedSessions } from '../auth/revoked-sessions.ts'
import { accountAttempt, countingFailures } from '../throttle/attempts.ts'
import { forgetAttempts } from '../throttle/queries.ts'
import { findResetAccount, setPasswordHash, takeResetLink } from './queries.ts'
import { hashResetToken } from './reset-links.ts'

/** What setting a password by a link needs. */
export interface ResetParts {
  sql: Database
  config: Config
  revoked: RevokedSessions
  tally: Tally
}

/** Thrown to leave the transaction with nothing done. */
class NotTaken extends Error {}

/**
 * Sets the password that a link's holder wants, and signs out every session. A password that is refused leaves the link good; a link of
 * a deactivated account is none. Tries that fail are counted for the network.
 *
 * @throws {ApiError} INVALID_RESET_TOKEN, PASSWORD_TOO_WEAK, TOO_MANY_REQUESTS, OVERLOADED.
 */
export async function resetPassword(
  { sql, config, revoked, tally }: ResetParts,
  network: string,
  { token, new_password }: ResetPasswordRequest,
): Promise<void> {
  const attempts = [{ scope: 'network' as const, key: network }]
  const tokenHash = hashResetToken(token)
  const killed = await countingFailures(
    { sql, tally },
    attempts,
    async () => {
      const account = await findResetAccount(sql, tokenHash)
      if (!account) return null
      refuseWeak(new_password, { email: account.email, siteName: config.siteName }, 'new_password')
      const passwordHash = await hashPassword(new_password)
      return await useLink(sql, { ...account, tokenHash, passwordHash })
    },
    (result) => (result === null ? attempts : []),
  )
  if (killed === null) throw new ApiError('INVALID_RESET_TOKEN')
  revoked.add(...killed)
}

interface Use {
  id: string
  email: string
  tokenHash: Buffer
  passwordHash: string
}

/** Everything in one transaction; null when the link is good no more. The user first: everybody who changes a password begins there. */
async function useLink(sql: Database, { id, email, tokenHash, passwordHash }: Use): Promise<string[] | null> {
  try {
    return await sql.begin(async (sql) => {
      if (!(await setPasswordHash(sql, id, passwordHash))) throw new NotTaken()
      if (!(await takeResetLink(sql, id, tokenHash))) throw new NotTaken()
      const killed = await revokeUserSessions(sql, id, { except: null })
      // What was tried with a password that is no more says nothing of the new one, and its owner wants to sign in now.
      const { scope, key } = accountAttempt(email)
      await forgetAttempts(sql, scope, key)
      await insertAuditEvent(sql, { action: 'password_reset', actorId: id, subjectId: id })
      return killed
    })
  } catch (error) {
    if (error instanceof NotTaken) return null
    throw error
  }
}
