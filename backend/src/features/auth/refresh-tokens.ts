import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/**
 * A refresh token: 64 hexadecimal characters. The first 32 name the family, one sign-in, and stay; the last 32 change at
 * each use. Only hashes are stored.
 */
export interface RefreshToken {
  text: string
  familyHash: Buffer
  hash: Buffer
}

const FORM = /^[0-9a-f]{64}$/

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Reads a presented token; null when it has not the form of one. */
export function parseRefreshToken(text: string): RefreshToken | null {
  return FORM.test(text) ? { text, familyHash: sha256(text.slice(0, 32)), hash: sha256(text) } : null
}

/** The first token of a new family: 128 random bits name it, 128 more are its secret. */
export function createRefreshToken(): RefreshToken {
  const text = randomBytes(32).toString('hex')
  return { text, familyHash: sha256(text.slice(0, 32)), hash: sha256(text) }
}

/** The key of {@link deriveSuccessor}, from JWT_SECRET by a label of its own (RFC 5869). */
export function refreshKeyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kennwilliamson refresh token', 32))
}

/**
 * The one token that follows this one. Derived and not drawn, so that a second tab or a retry that presents the same token
 * again is given the same successor, with nothing but hashes stored.
 */
export function deriveSuccessor(token: RefreshToken, key: Buffer): RefreshToken {
  const secret = createHmac('sha256', key).update('refresh-successor').update(token.text).digest('hex').slice(0, 32)
  const text = token.text.slice(0, 32) + secret
  return { text, familyHash: token.familyHash, hash: sha256(text) }
}
