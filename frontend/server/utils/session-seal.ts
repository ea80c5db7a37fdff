import { webcrypto } from 'node:crypto'
import { defaults, seal, unseal } from 'iron-webcrypto'

/** The tokens of one login. They live in the sealed cookie and nowhere else. */
export interface SessionTokens {
  /** The access JWT. */
  token: string
  refresh_token: string
}

/** `__Host-` makes the browser insist on HTTPS, this host alone and the path `/`. Chromium counts http://localhost as secure. */
export const SESSION_COOKIE = '__Host-kennwilliamson'

/** Node's own; the library describes the same with types of another age. */
const crypto = webcrypto as unknown as Parameters<typeof seal>[0]

/** What a browser must keep of a cookie, name and attributes included (RFC 6265bis, 5.7). */
const MAX_COOKIE_BYTES = 4096

/** Encrypts and signs the tokens; after `seconds` the seal is void, whatever the browser does with the cookie. */
export async function sealTokens(tokens: SessionTokens, password: string, seconds: number): Promise<string> {
  const sealed = await seal(crypto, tokens, password, { ...defaults, ttl: seconds * 1000 })
  if (sealed.length > MAX_COOKIE_BYTES - 128) throw new Error('the sealed session does not fit into a cookie')
  return sealed
}

/** The tokens in a sealed cookie, or null when it is forged, void, or sealed with another password. */
export async function unsealTokens(sealed: string, password: string): Promise<SessionTokens | null> {
  try {
    const content: unknown = await unseal(crypto, sealed, password, defaults)
    if (typeof content !== 'object' || content === null) return null
    const { token, refresh_token } = content as Record<string, unknown>
    return typeof token === 'string' && typeof refresh_token === 'string' ? { token, refresh_token } : null
  } catch {
    return null
  }
}

/** The two times in an access token, in epoch milliseconds; 0 where they cannot be read. */
function tokenTimes(token: string): { iat: number; exp: number } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const { iat, exp } = claims as Record<string, unknown>
    return { iat: typeof iat === 'number' ? iat * 1000 : 0, exp: typeof exp === 'number' ? exp * 1000 : 0 }
  } catch {
    return { iat: 0, exp: 0 }
  }
}

/**
 * When an access token ends, in epoch milliseconds; 0 when it cannot be read, so that it is renewed. The signature is the API's to
 * check: this only decides when to ask for a new one.
 */
export function tokenExpiry(token: string): number {
  return tokenTimes(token).exp
}

/** How long before its end a token is renewed: a minute, or a third of a short life, so that not every request renews it. */
export function renewalMargin(token: string): number {
  const { iat, exp } = tokenTimes(token)
  return iat > 0 && exp > iat ? Math.min(60_000, (exp - iat) / 3) : 60_000
}
