import type { Authenticate } from '../../http/guards.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import type { AccessTokens } from './access-tokens.ts'
import { isSessionAlive, markGenerationUsed } from './queries.ts'
import type { RevokedSessions } from './revoked-sessions.ts'

const NOTED_LIMIT = 10_000

interface Needs {
  sql: Database
  tokens: AccessTokens
  revoked: RevokedSessions
  tally: Tally
}

/**
 * Proves who a token belongs to without a query, but for one: the first call of each generation that comes from outside is
 * noted, because from then on the token before it has only its last seconds. Calls that our own pages make while rendering
 * do not count: that very page may be the answer that gets lost.
 *
 * While it cannot be known here what was revoked elsewhere, the database is asked about the session each time: slower, never
 * open; without a database nobody is let in, and the failure is thrown.
 */
export function createAuthenticate({ sql, tokens, revoked, tally }: Needs): Authenticate {
  const noted = new Map<string, number>()

  async function noteUse(sessionId: string, generation: number): Promise<void> {
    if ((noted.get(sessionId) ?? -1) >= generation) return
    await markGenerationUsed(sql, sessionId, generation)
    if (noted.size >= NOTED_LIMIT) noted.delete(noted.keys().next().value ?? '')
    noted.set(sessionId, generation)
  }

  return async (token, fromOutside) => {
    const claims = tokens.verify(token)
    if (!claims || revoked.has(claims.sid)) return null
    if (!revoked.isProved()) {
      tally.sessionLookups++
      if (!(await isSessionAlive(sql, claims.sid))) return null
    }
    if (fromOutside) await noteUse(claims.sid, claims.gen)
    return { userId: claims.sub, sessionId: claims.sid, generation: claims.gen }
  }
}
