import { LoginRequest, RefreshTokenRequest, SessionAnswer, User } from '@kennwilliamson/contracts/auth'
import { Message } from '@kennwilliamson/contracts/common'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import { deviceOf } from '../../http/device.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { accountAttempt, countingFailures, networkOf } from '../throttle/attempts.ts'
import type { AccessTokens } from './access-tokens.ts'
import { verifyPassword } from './passwords.ts'
import { findCredentials, findLivingSession, findUser, revokeAllSessions, revokeSession } from './queries.ts'
import { parseRefreshToken } from './refresh-tokens.ts'
import type { RevokedSessions } from './revoked-sessions.ts'
import { rotateRefreshToken } from './rotation.ts'
import { sessionAnswer, startSession, userAnswer } from './sessions.ts'

interface Needs {
  sql: Database
  config: Config
  tokens: AccessTokens
  refreshKeys: [Buffer, ...Buffer[]]
  revoked: RevokedSessions
}

/** Signing in and staying signed in: what anyone may ask. */
export function signInRoutes({ sql, config, tokens, refreshKeys, revoked }: Needs): Routes {
  return (app, _options, done) => {
    app.post(
      '/auth/login',
      {
        schema: {
          summary: 'Sign in',
          body: LoginRequest,
          response: { 200: SessionAnswer, ...problems(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { email, password } = request.body
        const attempts = [accountAttempt(email), { scope: 'network' as const, key: networkOf(request.ip) }]
        const credentials = await countingFailures(
          sql,
          attempts,
          async () => {
            const found = await findCredentials(sql, email)
            return (await verifyPassword(found?.password_hash ?? null, password)) ? found : null
          },
          (proved) => (proved ? [] : attempts),
        )
        if (!credentials) throw new ApiError('INVALID_CREDENTIALS')
        // Only the one who knows the password may learn this.
        if (!credentials.active) throw new ApiError('ACCOUNT_DEACTIVATED')
        const [user, started] = await Promise.all([
          findUser(sql, credentials.id),
          startSession(sql, credentials.id, deviceOf(request), config),
        ])
        if (!user) throw new ApiError('INVALID_CREDENTIALS')
        return sessionAnswer(tokens, user, started)
      },
    )

    app.post(
      '/auth/refresh',
      {
        schema: {
          summary: 'Exchange a refresh token for its successor',
          body: RefreshTokenRequest,
          response: { 200: SessionAnswer, ...problems(400, 401, 503) },
        },
      },
      async (request) => {
        const rotation = await rotateRefreshToken(sql, request.body.refresh_token, {
          keys: refreshKeys,
          idleSeconds: config.sessionIdleSeconds,
        })
        if (rotation.outcome === 'rotated' || rotation.outcome === 'repeated') {
          const { session, refreshToken } = rotation
          return sessionAnswer(tokens, session, { session, refreshToken })
        }
        if (rotation.outcome === 'reused') {
          revoked.add(rotation.sessionId)
          request.log.warn({ session: rotation.sessionId }, 'refresh token reused: session revoked')
        }
        throw new ApiError('INVALID_REFRESH_TOKEN')
      },
    )

    app.post(
      '/auth/revoke',
      {
        schema: {
          summary: 'Sign out the session of a refresh token',
          body: RefreshTokenRequest,
          response: { 200: Message, ...problems(400, 404, 503) },
        },
      },
      async (request) => {
        const token = parseRefreshToken(request.body.refresh_token)
        const sessionId = token && (await findLivingSession(sql, token.familyHash))
        if (!sessionId) throw new ApiError('TOKEN_NOT_FOUND')
        await revokeSession(sql, sessionId, 'signed_out')
        revoked.add(sessionId)
        return { message: 'Token revoked' }
      },
    )
    done()
  }
}

/** What a signed-in user may ask of their own sessions. */
export function ownSessionRoutes({ sql, revoked }: Pick<Needs, 'sql' | 'revoked'>): Routes {
  return (app, _options, done) => {
    app.get('/auth/me', { schema: { summary: 'Who I am', response: { 200: User, ...problems(401, 503) } } }, async (request) => {
      const user = await findUser(sql, callerOf(request).userId)
      if (!user) throw new ApiError('UNAUTHENTICATED')
      return userAnswer(user)
    })

    app.post(
      '/auth/revoke-all',
      { schema: { summary: 'Sign out everywhere', response: { 200: Message, ...problems(401, 503) } } },
      async (request) => {
        const ids = await revokeAllSessions(sql, callerOf(request).userId)
        revoked.add(...ids)
        return { message: `Revoked ${ids.length} tokens` }
      },
    )
    done()
  }
}
