import type { Database } from '../../platform/database.ts'
import { advanceFamily, findFamily, revokeSession, type FamilyState, type SessionRow } from './queries.ts'
import { deriveSuccessor, parseRefreshToken, type RefreshToken } from './refresh-tokens.ts'

/** How long a replaced token is still answered (design: sessions). Seconds. */
export const GRACE = {
  /** After the successor was seen in use. */
  afterUseSeconds: 30,
  /** While the successor was never seen in use, counted from the rotation. */
  unusedSeconds: 24 * 3600,
} as const

/** What came of presenting a refresh token. */
export type Rotation =
  | { outcome: 'rotated' | 'repeated'; session: SessionRow; refreshToken: string }
  /** A token of this family that must not be presented any more: the session is dead now. */
  | { outcome: 'reused'; sessionId: string }
  | { outcome: 'refused' }

interface RotationOptions {
  /** Derivation keys. The first makes successors, all are tried for a repeated answer. */
  keys: [Buffer, ...Buffer[]]
  idleSeconds: number
}

/**
 * Exchanges a refresh token for its successor. One guarded update decides; whoever updates no row reads again and goes by
 * the rules: the previous token inside its grace gets the same successor once more (a second tab, a retry, a lost answer),
 * anything else of a known family is reuse, which revokes the session in the same transaction and leaves an audit event.
 */
export async function rotateRefreshToken(sql: Database, text: string, options: RotationOptions): Promise<Rotation> {
  const token = parseRefreshToken(text)
  if (!token) return { outcome: 'refused' }
  // A second round is needed only when a token that was not yet current at the first look has become so meanwhile.
  for (let round = 0; round < 3; round++) {
    const successor = deriveSuccessor(token, options.keys[0])
    const session = await advanceFamily(sql, token, successor, options.idleSeconds)
    if (session) return { outcome: 'rotated', session, refreshToken: successor.text }
    const family = await findFamily(sql, token.familyHash, GRACE)
    if (!family?.alive) return { outcome: 'refused' }
    if (family.current_hash.equals(token.hash)) continue
    if (family.previous_hash?.equals(token.hash) && family.in_grace) return repeatAnswer(family, token, options)
    await revokeSession(sql, family.session_id, 'refresh_token_reused')
    return { outcome: 'reused', sessionId: family.session_id }
  }
  return { outcome: 'refused' }
}

function repeatAnswer(family: FamilyState, token: RefreshToken, options: RotationOptions): Rotation {
  for (const key of options.keys) {
    const successor = deriveSuccessor(token, key)
    if (successor.hash.equals(family.current_hash)) {
      return { outcome: 'repeated', session: family, refreshToken: successor.text }
    }
  }
  // Made under a key that is accepted no more: nothing can be repeated, and nobody did anything wrong.
  return { outcome: 'refused' }
}
