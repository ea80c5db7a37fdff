import { ApiError } from '../../http/api-error.ts'
import type { Caller } from '../../http/guards.ts'
import { revokeUserSessions } from '../auth/queries.ts'
import { isLastAdministrator, lockAdministrators } from '../roles/queries.ts'
import { accountAttempt } from '../throttle/attempts.ts'
import { forgetAttempts } from '../throttle/queries.ts'
import type { AccountParts } from './change-password.ts'
import { noLongerProved, provePassword } from './prove-password.ts'
import { deleteUser, hasOtherUsers, lockOwnAccount } from './queries.ts'

/**
 * Deletes an account in one transaction, once its password was proved. Its address is free at once. The last active administrator
 * can go only as the last of all: a site with users and nobody to help them could be claimed by any of them.
 *
 * @throws {ApiError} WRONG_PASSWORD, LAST_ADMIN, TOO_MANY_REQUESTS, OVERLOADED, UNAUTHENTICATED.
 */
export async function deleteAccount(
  { sql, revoked, tally }: Omit<AccountParts, 'config'>,
  caller: Caller,
  password: string,
): Promise<void> {
  const field = 'password'
  const { email, password_hash } = await provePassword({ sql, tally }, caller, { password, field })
  const { userId } = caller
  const killed = await sql.begin(async (sql) => {
    await lockAdministrators(sql)
    if (!(await lockOwnAccount(sql, caller, password_hash))) return null
    if ((await isLastAdministrator(sql, userId)) && (await hasOtherUsers(sql, userId))) throw new ApiError('LAST_ADMIN')
    // The marks outlive the sessions they speak of.
    const ids = await revokeUserSessions(sql, userId, { except: null })
    const { scope, key } = accountAttempt(email)
    await forgetAttempts(sql, scope, key)
    await deleteUser(sql, userId)
    return ids
  })
  if (killed === null) throw await noLongerProved(sql, caller, field)
  revoked.add(...killed)
}
