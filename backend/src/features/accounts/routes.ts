import { PreviewSlugRequest, RegisterRequest, SessionAnswer, SlugPreview } from '@kennwilliamson/contracts/auth'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import { deviceOf } from '../../http/device.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { AccessTokens } from '../auth/access-tokens.ts'
import { weaknessOf } from '../auth/password-rules.ts'
import { hashPassword } from '../auth/passwords.ts'
import { sessionAnswer, startSession } from '../auth/sessions.ts'
import { countingFailures, networkOf } from '../throttle/attempts.ts'
import { findFreeSlug } from './queries.ts'
import { registerUser, requestedSlug } from './register.ts'

interface Needs {
  sql: Database
  config: Config
  tokens: AccessTokens
}

/** Making an account. */
export function registrationRoutes({ sql, config, tokens }: Needs): Routes {
  return (app, _options, done) => {
    app.post(
      '/auth/register',
      {
        schema: {
          summary: 'Create an account and its first timer',
          body: RegisterRequest,
          response: { 201: SessionAnswer, ...problems(400, 403, 409, 429, 503) },
        },
      },
      async (request, reply) => {
        if (!config.registrationOpen) throw new ApiError('REGISTRATION_CLOSED')
        const input = request.body
        requestedSlug(input.display_name)
        const weakness = weaknessOf(input.password, { email: input.email, siteName: config.siteName })
        if (weakness) throw new ApiError('PASSWORD_TOO_WEAK', { errors: [{ path: 'password', message: weakness }] })
        const network = networkOf(request.ip)
        const registration = { scope: 'registration' as const, key: network }
        // A taken address counts as a failure of the network, since its answer tells something.
        const probe = { scope: 'network' as const, key: network }
        const result = await countingFailures(
          sql,
          [registration, probe],
          async () => {
            const passwordHash = await hashPassword(input.password)
            return await registerUser(sql, input, passwordHash, (transaction, user) =>
              startSession(transaction, user.id, deviceOf(request), config),
            )
          },
          ({ outcome }) => [outcome === 'created' ? registration : probe],
        )
        if (result.outcome === 'email-taken')
          throw new ApiError('EMAIL_TAKEN', { errors: [{ path: 'email', message: 'Email already exists' }] })
        return reply.status(201).send(sessionAnswer(tokens, result.user, result.extra))
      },
    )

    app.post(
      '/auth/preview-slug',
      {
        schema: {
          summary: 'The address that a name would get now',
          body: PreviewSlugRequest,
          response: { 200: SlugPreview, ...problems(400, 503) },
        },
      },
      async (request) => {
        const slug = requestedSlug(request.body.display_name)
        const finalSlug = (await findFreeSlug(sql, slug)) ?? slug
        return { slug, available: finalSlug === slug, final_slug: finalSlug }
      },
    )
    done()
  }
}
