import { createHash, randomBytes } from 'node:crypto'

/** 192 bits: more than the 128 that the contract wants, and 32 characters without padding. */
const SECRET_BYTES = 24

/** A new secret, as it stands in the link, and what is kept of it. */
export function createLinkSecret(): { secret: string; hash: Buffer } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return { secret, hash: hashLinkSecret(secret) }
}

/** SHA-256: a secret with so many random bits needs no slow hash. Any text has one, so that none is told apart before the database. */
export function hashLinkSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
