import type { SessionAnswer, User } from '@kennwilliamson/contracts/auth'
import type { Config } from '../../config.ts'
import type { Sql } from '../../platform/database.ts'
import type { AccessTokens } from './access-tokens.ts'
import { insertSession, type Device, type SessionRow, type UserRow } from './queries.ts'
import { createRefreshToken } from './refresh-tokens.ts'

/** What a started or continued session hands out. */
interface SessionTokens {
  session: { session_id: string; generation: number; expires_at: string }
  refreshToken: string
}

/** Starts a session on a device, and says in the audit log by which way. Null as {@link insertSession} is. */
export async function startSession(
  sql: Sql,
  user: { userId: string; proved: string | null },
  device: Device,
  config: Pick<Config, 'sessionIdleSeconds' | 'sessionAbsoluteSeconds'>,
  action: 'registered' | 'signed_in',
): Promise<SessionTokens | null> {
  const token = createRefreshToken()
  const lifetimes = { idleSeconds: config.sessionIdleSeconds, absoluteSeconds: config.sessionAbsoluteSeconds }
  const session = await insertSession(sql, user, token, device, lifetimes, action)
  return session && { session, refreshToken: token.text }
}

/** The answer of sign-up, sign-in and refresh. */
export function sessionAnswer(
  tokens: AccessTokens,
  user: UserRow | SessionRow,
  { session, refreshToken }: SessionTokens,
): SessionAnswer {
  const token = tokens.sign({ sub: user.id, sid: session.session_id, gen: session.generation }, new Date(session.expires_at))
  return { token, refresh_token: refreshToken, user: userAnswer(user) }
}

/** A user as the contract shows one, without whatever else the row holds. */
export function userAnswer({ id, email, display_name, slug, roles, created_at }: UserRow): User {
  return { id, email, display_name, slug, roles, created_at }
}
