import { createHash } from 'node:crypto'
import { ApiError } from '../../http/api-error.ts'
import type { Caller } from '../../http/guards.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { verifyPassword } from '../auth/passwords.ts'
import { countingFailures } from '../throttle/attempts.ts'
import { findOwnCredentials, type OwnCredentials } from './queries.ts'

/**
 * Verifies the password of whoever is signed in, before something that their session alone may not do. Failures are counted for the
 * session: it proves more than a known device, so strangers who guess at the account from elsewhere must not keep its owner from
 * changing the password, and who has come by the session has five tries and then waits.
 *
 * @throws {ApiError} WRONG_PASSWORD beside the field, TOO_MANY_REQUESTS, UNAUTHENTICATED when the session is not alive any more.
 */
export async function provePassword(
  counting: { sql: Database; tally: Tally },
  caller: Caller,
  { password, field }: { password: string; field: string },
): Promise<OwnCredentials> {
  const found = await findOwnCredentials(counting.sql, caller)
  if (!found) throw new ApiError('UNAUTHENTICATED')
  const key = createHash('sha256').update(`session ${caller.sessionId}`).digest('hex')
  const attempts = [{ scope: 'device' as const, key }]
  const isRight = await countingFailures(
    counting,
    attempts,
    () => verifyPassword(found.password_hash, password),
    (right) => (right ? [] : attempts),
  )
  if (!isRight) throw wrongPassword(field)
  return found
}

/**
 * What to answer when the credentials that were just proved are not those of the account any more: the session has ended, or somebody
 * else has set another password.
 */
export async function noLongerProved(sql: Database, caller: Caller, field: string): Promise<ApiError> {
  return (await findOwnCredentials(sql, caller)) ? wrongPassword(field) : new ApiError('UNAUTHENTICATED')
}

function wrongPassword(field: string): ApiError {
  return new ApiError('WRONG_PASSWORD', { errors: [{ path: field, message: new ApiError('WRONG_PASSWORD').message }] })
}
