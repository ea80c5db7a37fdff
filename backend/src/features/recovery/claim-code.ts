import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** 32 characters, none of which looks like another: no 0 and O, no 1 and I. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
/** 80 bits. */
const LENGTH = 16

/** The key of {@link deriveClaimCode}, from JWT_SECRET by a label of its own (RFC 5869). */
export function claimKeyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kennwilliamson claim code', 32))
}

/** What a new claim code is derived from. */
export function createClaimNonce(): Buffer {
  return randomBytes(16)
}

/**
 * The claim code of a nonce, in four groups of four. Derived and not drawn, so that every instance of the API prints the same one with
 * only the nonce and a hash stored; whoever reads the database cannot derive it.
 */
export function deriveClaimCode(nonce: Buffer, key: Buffer): string {
  const bytes = createHmac('sha256', key).update('claim-code').update(nonce).digest()
  // The alphabet has 32 characters, so that the last five bits of a byte are one of them, and all are as likely.
  const text = Array.from(bytes.subarray(0, LENGTH), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('')
  return text.replaceAll(/.{4}(?=.)/g, '$&-')
}

/** The hash of a code as a person writes it: without case, spaces and hyphens. */
export function hashClaimCode(written: string): Buffer {
  return createHash('sha256').update(written.toUpperCase().replaceAll(/[\s-]/g, '')).digest()
}
