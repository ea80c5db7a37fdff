import { Profile, UpdateProfileRequest } from '@kennwilliamson/contracts/accounts'
import { User } from '@kennwilliamson/contracts/auth'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { userAnswer } from '../auth/sessions.ts'
import { changeProfile } from './change-profile.ts'
import { findProfile, listFormerSlugs } from './queries.ts'

/** Name, address and time zone. Guarded by the scope they stand in. */
export function profileRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/account/profile',
      { schema: { summary: 'What I may change about myself', response: { 200: Profile, ...problems(401, 503) } } },
      async (request) => {
        const { userId } = callerOf(request)
        const [profile, former] = await Promise.all([findProfile(sql, userId), listFormerSlugs(sql, userId)])
        if (!profile) throw new ApiError('UNAUTHENTICATED')
        return { ...profile, former_slugs: former }
      },
    )

    app.put(
      '/account/profile',
      {
        schema: {
          summary: 'Change my name, address or time zone',
          body: UpdateProfileRequest.nullish(),
          response: { 200: User, ...problems(400, 401, 409, 503) },
        },
      },
      async (request) => {
        const user = await changeProfile(sql, callerOf(request).userId, request.body ?? {})
        if (!user) throw new ApiError('UNAUTHENTICATED')
        return userAnswer(user)
      },
    )
    done()
  }
}
