import { createHash, hkdfSync } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'

/** What an access token says. `gen` is the generation of the refresh token it came with. */
export interface AccessClaims {
  sub: string
  sid: string
  gen: number
}

interface Options {
  /** Secrets of at least 32 characters. The first signs, all are accepted. */
  secrets: string[]
  /** SITE_URL. */
  issuer: string
  lifetimeSeconds: number
}

export interface AccessTokens {
  /** A token that lives for the configured time, or until `sessionEndsAt` if that comes first. */
  sign: (claims: AccessClaims, sessionEndsAt: Date) => string
  /**
   * The claims of a valid token, else null: every other token is refused alike. One that was made longer ago than a token lives now is
   * none, whatever its end says: marks of revocation are kept for two lifetimes, so a shorter lifetime must not outlive the marks.
   */
  verify: (token: string) => AccessClaims | null
}

const AUDIENCE = 'api'
const TYPE = 'at+jwt' // RFC 9068
/** Tokens whose signature was found right, and which are not looked at again but for their times. Each is some 350 characters. */
const MAX_VERIFIED = 1_000
/** How much clocks of instances may differ, in seconds. */
const CLOCK_SKEW_SECONDS = 60

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kennwilliamson access token', 32))
}

/**
 * HS256 access tokens (RFC 7519, typed as RFC 9068 says). A token's header is compared whole with those we write, so the
 * algorithm, the type and the key are never taken from the token. Every claim is plain ASCII without `>`, `?` and `~`: the
 * base64url of such text is also plain base64, which the original's pages decode with `atob`.
 */
export function createAccessTokens({ secrets, issuer, lifetimeSeconds }: Options): AccessTokens {
  const verifiers = new Map<string, (token: string) => unknown>()
  const signers = secrets.map((secret) => {
    const key = keyOf(secret)
    const kid = createHash('sha256').update(key).digest('hex').slice(0, 12)
    const sign = createSigner<Record<string, unknown>>({
      key,
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: TYPE, kid },
    })
    const [header = ''] = sign({}).split('.')
    verifiers.set(
      header,
      createVerifier<string>({
        key,
        algorithms: ['HS256'],
        allowedIss: issuer,
        allowedAud: AUDIENCE,
        requiredClaims: ['iss', 'aud', 'sub', 'sid', 'gen', 'iat', 'exp'],
        checkTyp: TYPE,
      }),
    )
    return sign
  })
  const verified = new Map<string, AccessClaims & { iat: number; exp: number }>()
  const [signNewest] = signers
  if (!signNewest) throw new Error('at least one secret is needed')

  return {
    sign(claims, sessionEndsAt) {
      const iat = Math.floor(Date.now() / 1000)
      const exp = Math.min(iat + lifetimeSeconds, Math.floor(sessionEndsAt.getTime() / 1000))
      return signNewest({ iss: issuer, aud: AUDIENCE, ...claims, iat, exp })
    },
    verify(token) {
      const oldest = Math.floor(Date.now() / 1000) - lifetimeSeconds - Math.min(CLOCK_SKEW_SECONDS, lifetimeSeconds)
      const known = verified.get(token)
      if (known && known.iat >= oldest && Date.now() < known.exp * 1000) return claimsOf(known)
      verified.delete(token)
      const verify = verifiers.get(token.slice(0, Math.max(token.indexOf('.'), 0)))
      if (!verify) return null
      try {
        const { sub, sid, gen, exp, iat } = verify(token) as Record<string, unknown>
        if (typeof sub !== 'string' || typeof sid !== 'string') return null
        if (!isInteger(gen) || !isNumber(exp) || !isNumber(iat) || iat < oldest) return null
        const claims = { sub, sid, gen, iat, exp }
        // Those that came first go first: one that is in use comes back with its next request.
        for (const first of verified.keys()) {
          if (verified.size < MAX_VERIFIED) break
          verified.delete(first)
        }
        verified.set(token, claims)
        return claimsOf(claims)
      } catch {
        return null
      }
    },
  }
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)
const claimsOf = ({ sub, sid, gen }: AccessClaims): AccessClaims => ({ sub, sid, gen })
