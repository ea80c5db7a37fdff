import { ChangePasswordRequest, DeleteAccountRequest } from '@kennwilliamson/contracts/accounts'
import { PreviewSlugRequest, RegisterRequest, SessionAnswer, SlugPreview } from '@kennwilliamson/contracts/auth'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import { deviceOf } from '../../http/device.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import type { AccessTokens } from '../auth/access-tokens.ts'
import { createKnownDevices } from '../auth/known-devices.ts'
import { refuseWeak } from '../auth/password-rules.ts'
import { hashPassword } from '../auth/passwords.ts'
import { sessionAnswer, startSession } from '../auth/sessions.ts'
import { isKeptForAdministrator } from '../recovery/first-administrator.ts'
import { isRegistrationOpen } from '../registration/registration.ts'
import { accountAttempt, countingFailures, networkOf } from '../throttle/attempts.ts'
import { changePassword, type AccountParts } from './change-password.ts'
import { deleteAccount } from './delete-account.ts'
import { findFreeSlug } from './queries.ts'
import { registerUser, requestedSlug } from './register.ts'

interface Needs {
  sql: Database
  config: Config
  tokens: AccessTokens
  tally: Tally
}

/** Making an account. */
export function registrationRoutes({ sql, config, tokens, tally }: Needs): Routes {
  const devices = createKnownDevices(config.jwtSecrets)
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
        if (!(await isRegistrationOpen(sql, config))) throw new ApiError('REGISTRATION_CLOSED')
        const input = request.body
        requestedSlug(input.display_name)
        refuseWeak(input.password, { email: input.email, siteName: config.siteName }, 'password')
        const network = networkOf(request.ip)
        const registration = { scope: 'registration' as const, key: network }
        // A taken address counts as a failure of the network, since its answer tells something.
        const probe = { scope: 'network' as const, key: network }
        const result = await countingFailures(
          { sql, tally },
          [registration, probe],
          async () => {
            const passwordHash = await hashPassword(input.password)
            // Answered as one that is taken: nobody shall learn from it which address it is.
            if (await isKeptForAdministrator(sql, config, input.email)) return { outcome: 'email-kept' as const }
            return await registerUser(sql, input, passwordHash, async (sql, { id }) => {
              const started = await startSession(sql, { userId: id, proved: null }, deviceOf(request), config, 'registered')
              if (!started) throw new Error('a user who was just made is not there')
              return started
            })
          },
          ({ outcome }) => [outcome === 'created' ? registration : probe],
        )
        if (result.outcome !== 'created')
          throw new ApiError('EMAIL_TAKEN', { errors: [{ path: 'email', message: 'Email already exists' }] })
        reply.header('x-device-token', devices.vouchFor(null, accountAttempt(input.email).key))
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

/** What one may do with one's account, when one knows its password. Guarded by the scope they stand in. */
export function ownAccountRoutes(parts: AccountParts): Routes {
  return (app, _options, done) => {
    app.put(
      '/account/password',
      {
        schema: {
          summary: 'Change my password and sign out everywhere else',
          body: ChangePasswordRequest,
          response: { 204: NoBody, ...problems(400, 401, 403, 429, 503) },
        },
      },
      async (request, reply) => {
        await changePassword(parts, callerOf(request), request.body)
        return reply.status(204).send(null)
      },
    )

    app.delete(
      '/account',
      {
        schema: {
          summary: 'Delete my account and everything that belongs to it',
          body: DeleteAccountRequest,
          response: { 204: NoBody, ...problems(400, 401, 403, 409, 429, 503) },
        },
      },
      async (request, reply) => {
        await deleteAccount(parts, callerOf(request), request.body.password)
        return reply.status(204).send(null)
      },
    )
    done()
  }
}
