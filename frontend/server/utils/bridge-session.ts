import type { ApiAnswer, AskApi, Caller } from './api-client.ts'
import { ApiAway } from './problems.ts'
import type { Refresh } from './refresh.ts'
import { renewalMargin, tokenExpiry, type SessionTokens } from './session-seal.ts'

/** What a session needs from the request that it belongs to. */
export interface SessionParts {
  /** The sealed cookie, when it came along. */
  cookie: string | undefined
  caller: Caller
  unseal: (sealed: string) => Promise<SessionTokens | null>
  refresh: Refresh
  ask: AskApi
  /** Puts a cookie with these tokens, and nothing of the old ones, into the answer. */
  write: (tokens: SessionTokens) => Promise<void>
  /** Takes the cookie away with the answer. */
  clear: () => void
  now?: () => number
}

/** The session of one request. Every method reads the cookie at most once and writes it only when the tokens changed. */
export interface BridgeSession {
  /** Tokens as they came, without asking anybody; null without a session. */
  peek: () => Promise<SessionTokens | null>
  /** Exchanges the tokens now. Null when there is no session or it has ended. @throws {ApiAway} */
  renew: () => Promise<SessionTokens | null>
  /** Asks the API as the person signed in. Null when nobody is, or not any more. @throws {ApiAway} */
  askAsOwner: (path: string) => Promise<{ answer: ApiAnswer; tokens: SessionTokens } | null>
}

/**
 * Reads, renews and ends the session of one request. Whether a session lives is asked of the API each time: no list is kept here.
 * Only a refusal ends it; an API that is away never does.
 */
export function createBridgeSession(parts: SessionParts): BridgeSession {
  const now = parts.now ?? Date.now
  let loaded: Promise<SessionTokens | null> | undefined

  async function load(): Promise<SessionTokens | null> {
    if (!parts.cookie) return null
    const tokens = await parts.unseal(parts.cookie)
    if (!tokens) parts.clear()
    return tokens
  }

  function peek(): Promise<SessionTokens | null> {
    loaded ??= load()
    return loaded
  }

  /** Several parts of one page may find out at once that the tokens are stale: the first exchanges, the others take the result. */
  async function exchange(stale: SessionTokens): Promise<SessionTokens | null> {
    const current = await peek()
    if (!current || current !== stale) return current
    const fresh = await parts.refresh(stale.refresh_token, parts.caller)
    if ((await peek()) !== stale) return peek()
    loaded = Promise.resolve(fresh)
    if (fresh) await parts.write(fresh)
    else parts.clear()
    return fresh
  }

  async function renew(): Promise<SessionTokens | null> {
    const tokens = await peek()
    return tokens && exchange(tokens)
  }

  async function fresh(): Promise<SessionTokens | null> {
    const tokens = await peek()
    if (!tokens) return null
    const left = tokenExpiry(tokens.token) - now()
    if (left >= renewalMargin(tokens.token)) return tokens
    try {
      return await exchange(tokens)
    } catch (error) {
      // What is left of the token is still good, and the API may be back before it ends.
      if (error instanceof ApiAway && left > 0) return tokens
      throw error
    }
  }

  async function askAsOwner(path: string) {
    let tokens = await fresh()
    for (const last of [false, true]) {
      if (!tokens) return null
      const answer = await parts.ask({ path, token: tokens.token, caller: parts.caller, repeatable: true })
      if (answer.status !== 401) return { answer, tokens }
      if (last) break
      tokens = await exchange(tokens)
    }
    loaded = Promise.resolve(null)
    parts.clear()
    return null
  }

  return { peek, renew, askAsOwner }
}
