import { User } from '@kennwilliamson/contracts/auth'
import { ClaimRequest, ResetPasswordRequest } from '@kennwilliamson/contracts/recovery'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { findUser } from '../auth/queries.ts'
import { userAnswer } from '../auth/sessions.ts'
import { networkOf } from '../throttle/attempts.ts'
import { claimAdministration } from './claim.ts'
import { resetPassword, type ResetParts } from './reset-password.ts'

/** A new password by a link, for whoever holds one. */
export function resetRoutes(parts: ResetParts): Routes {
  return (app, _options, done) => {
    app.post(
      '/auth/reset-password',
      {
        schema: {
          summary: 'Set a new password with a link',
          body: ResetPasswordRequest,
          response: { 204: NoBody, ...problems(400, 429, 503) },
        },
      },
      async (request, reply) => {
        await resetPassword(parts, networkOf(request.ip), request.body)
        return reply.status(204).send(null)
      },
    )
    done()
  }
}

/** Becoming the first administrator. Guarded by the scope it stands in. */
export function claimRoutes({ sql, tally }: { sql: Database; tally: Tally }): Routes {
  return (app, _options, done) => {
    app.post(
      '/auth/claim',
      {
        schema: {
          summary: 'Become the first administrator, by the code in the log',
          body: ClaimRequest,
          response: { 200: User, ...problems(400, 401, 403, 404, 429, 503) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        await claimAdministration({ sql, tally }, { userId, network: networkOf(request.ip), code: request.body.code })
        const user = await findUser(sql, userId)
        if (!user) throw new ApiError('UNAUTHENTICATED')
        return userAnswer(user)
      },
    )
    done()
  }
}
