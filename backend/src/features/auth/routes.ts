import { SessionList } from '@kennwilliamson/contracts/accounts'
import { LoginRequest, RefreshTokenRequest, SessionAnswer, User } from '@kennwilliamson/contracts/auth'
import { Message, Uuid } from '@kennwilliamson/contracts/common'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { ApiError } from '../../http/api-error.ts'
import { deviceOf } from '../../http/device.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import { NoBody, type Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { accountAttempt, clearAttempts, countingFailures, deviceAttempts, networkOf } from '../throttle/attempts.ts'
import type { AccessTokens } from './access-tokens.ts'
import { createKnownDevices } from './known-devices.ts'
import { verifyPassword } from './passwords.ts'
import {
  findCredentials,
  findLivingSession,
  findUser,
  listSessions,
  revokeOwnSession,
  revokeSession,
  revokeUserSessions,
} from './queries.ts'
import { parseRefreshToken } from './refresh-tokens.ts'
import { renewOutdatedHash } from './renew-hash.ts'
import type { RevokedSessions } from './revoked-sessions.ts'
import { rotateRefreshToken } from './rotation.ts'
import { sessionAnswer, startSession, userAnswer } from './sessions.ts'

const SessionPath = z.object({ id: Uuid })

interface Needs {
  sql: Database
  config: Config
  tokens: AccessTokens
  refreshKeys: [Buffer, ...Buffer[]]
  revoked: RevokedSessions
  tally: Tally
}

/** Signing in and staying signed in: what anyone may ask. */
export function signInRoutes({ sql, config, tokens, refreshKeys, revoked, tally }: Needs): Routes {
  const devices = createKnownDevices(config.jwtSecrets)
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
      async (request, reply) => {
        const { email, password } = request.body
        const account = accountAttempt(email)
        const deviceId = devices.recognise(request.headers['x-device-token'], account.key)
        const device = deviceId === null ? null : deviceAttempts(deviceId, account)
        // Whoever has been here before is not held up by what strangers do.
        const attempts = device ? [device.own, device.all] : [account, { scope: 'network' as const, key: networkOf(request.ip) }]
        const prove = async () => {
          const found = await findCredentials(sql, email)
          return (await verifyPassword(found?.password_hash ?? null, password)) ? found : null
        }
        const begin = async (proved: { id: string; password_hash: string }) =>
          await startSession(sql, { userId: proved.id, proved: proved.password_hash }, deviceOf(request), config, 'signed_in')
        let credentials = await countingFailures({ sql, tally }, attempts, prove, (proved) => (proved ? [] : attempts))
        tally.signIns[credentials?.active ? 'succeeded' : 'failed']++
        if (!credentials) throw new ApiError('INVALID_CREDENTIALS')
        // Only the one who knows the password may learn this.
        if (!credentials.active) throw new ApiError('ACCOUNT_DEACTIVATED')
        let started = await begin(credentials)
        if (!started) {
          // At this moment the password was changed, or its hash renewed, or the account went: what holds now is asked once more.
          credentials = await prove()
          if (!credentials) throw new ApiError('INVALID_CREDENTIALS')
          if (!credentials.active) throw new ApiError('ACCOUNT_DEACTIVATED')
          started = await begin(credentials)
        }
        const [user] = await Promise.all([findUser(sql, credentials.id), device && clearAttempts(sql, device.own)])
        if (!user || !started) throw new ApiError('INVALID_CREDENTIALS')
        // Nobody waits for it; what is not done now is done at the next sign-in.
        void renewOutdatedHash(sql, credentials, password).catch((error: unknown) => {
          request.log.info({ err: error }, 'password hash not renewed')
        })
        reply.header('x-device-token', devices.vouchFor(deviceId, account.key))
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
          tally.tokensReused++
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
  async function signOut(userId: string, action: 'signed_out_elsewhere' | 'signed_out_everywhere', except: string | null) {
    const ids = await sql.begin(async (sql) => {
      const killed = await revokeUserSessions(sql, userId, { except })
      if (killed.length > 0) await insertAuditEvent(sql, { action, actorId: userId, subjectId: userId })
      return killed
    })
    revoked.add(...ids)
    return { message: `Revoked ${ids.length} tokens` }
  }

  return (app, _options, done) => {
    app.get('/auth/me', { schema: { summary: 'Who I am', response: { 200: User, ...problems(401, 503) } } }, async (request) => {
      const user = await findUser(sql, callerOf(request).userId)
      if (!user) throw new ApiError('UNAUTHENTICATED')
      return userAnswer(user)
    })

    app.get(
      '/auth/sessions',
      { schema: { summary: 'Where I am signed in', response: { 200: SessionList, ...problems(401, 503) } } },
      async (request) => {
        const { userId, sessionId } = callerOf(request)
        return { sessions: await listSessions(sql, userId, sessionId) }
      },
    )

    app.delete(
      '/auth/sessions/:id',
      {
        config: { notFound: 'SESSION_NOT_FOUND' },
        schema: {
          summary: 'Sign out one of my sessions',
          params: SessionPath,
          response: { 204: NoBody, ...problems(401, 404, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        if (!(await revokeOwnSession(sql, callerOf(request).userId, id))) throw new ApiError('SESSION_NOT_FOUND')
        revoked.add(id)
        return await reply.status(204).send(null)
      },
    )

    app.post(
      '/auth/revoke-others',
      { schema: { summary: 'Sign out everywhere else', response: { 200: Message, ...problems(401, 503) } } },
      async (request) => {
        const { userId, sessionId } = callerOf(request)
        return await signOut(userId, 'signed_out_elsewhere', sessionId)
      },
    )

    app.post(
      '/auth/revoke-all',
      { schema: { summary: 'Sign out everywhere', response: { 200: Message, ...problems(401, 503) } } },
      async (request) => await signOut(callerOf(request).userId, 'signed_out_everywhere', null),
    )
    done()
  }
}
