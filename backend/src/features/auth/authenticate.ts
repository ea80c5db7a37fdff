import { ApiError } from '../../http/api-error.ts'
import type { Authenticate } from '../../http/guards.ts'
import type { Database } from '../../platform/database.ts'
import type { AccessTokens } from './access-tokens.ts'
import { markGenerationUsed } from './queries.ts'
import type { RevokedSessions } from './revoked-sessions.ts'

const NOTED_LIMIT = 10_000

/**
 * Proves who a token belongs to without a query, but for one: the first call of each generation that comes from outside is
 * noted, because from then on the token before it has only its last seconds. Calls that our own pages make while rendering
 * do not count: that very page may be the answer that gets lost.
 */
export function createAuthenticate(sql: Database, tokens: AccessTokens, revoked: RevokedSessions): Authenticate {
  const noted = new Map<string, number>()

  async function noteUse(sessionId: string, generation: number): Promise<void> {
    if ((noted.get(sessionId) ?? -1) >= generation) return
    await markGenerationUsed(sql, sessionId, generation)
    if (noted.size >= NOTED_LIMIT) noted.delete(noted.keys().next().value ?? '')
    noted.set(sessionId, generation)
  }

  return async (token, fromOutside) => {
    const claims = tokens.verify(token)
    if (claims && !revoked.isLoaded()) throw new ApiError('DATABASE_UNAVAILABLE')
    if (!claims || revoked.has(claims.sid)) return null
    if (fromOutside) await noteUse(claims.sid, claims.gen)
    return { userId: claims.sub, sessionId: claims.sid, generation: claims.gen }
  }
}
