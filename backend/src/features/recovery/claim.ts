import { ApiError } from '../../http/api-error.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { grantRole, hasAdministrator, lockAdministrators } from '../roles/queries.ts'
import { countingFailures } from '../throttle/attempts.ts'
import { hashClaimCode } from './claim-code.ts'
import { takeClaimCode } from './queries.ts'

/**
 * Makes the user whose code is right the first administrator. Tries are counted for the user and for their network.
 *
 * @throws {ApiError} NOT_FOUND when there is an administrator, WRONG_CODE, TOO_MANY_REQUESTS, UNAUTHENTICATED when the user is gone.
 */
export async function claimAdministration(
  { sql, tally }: { sql: Database; tally: Tally },
  { userId, network, code }: { userId: string; network: string; code: string },
): Promise<void> {
  if (await hasAdministrator(sql)) throw new ApiError('NOT_FOUND')
  const attempts = [userId, network].map((key) => ({ scope: 'code' as const, key }))
  const outcome = await countingFailures(
    { sql, tally },
    attempts,
    () =>
      sql.begin(async (sql) => {
        await lockAdministrators(sql)
        if (await hasAdministrator(sql)) return 'there-is-one'
        if (!(await takeClaimCode(sql, hashClaimCode(code)))) return 'wrong'
        if (!(await grantRole(sql, userId, 'admin'))) throw new ApiError('UNAUTHENTICATED')
        await insertAuditEvent(sql, { action: 'admin_claimed', actorId: userId, subjectId: userId })
        return 'claimed'
      }),
    (outcome) => (outcome === 'wrong' ? attempts : []),
  )
  if (outcome === 'there-is-one') throw new ApiError('NOT_FOUND')
  if (outcome === 'wrong')
    throw new ApiError('WRONG_CODE', { errors: [{ path: 'code', message: new ApiError('WRONG_CODE').message }] })
}
