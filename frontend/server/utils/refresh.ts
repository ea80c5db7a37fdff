import { jsonOf, type AskApi, type Caller } from './api-client.ts'
import { ApiAway } from './problems.ts'
import type { SessionTokens } from './session-seal.ts'

/** Exchanges a refresh token: new tokens, or null when the session has ended. @throws {ApiAway} when the API does not say. */
export type Refresh = (refreshToken: string, caller: Caller) => Promise<SessionTokens | null>

/** Requests that left the browser together arrive within this time, and find the exchange already made. */
const KEEP = 10_000
/** More sessions than this renewed within ten seconds: forget the oldest, the API answers it the same again. */
const MAX_KEPT = 1000

/** The tokens in an answer of sign-up, sign-in or refresh, or null. */
export function tokensOf(value: unknown): SessionTokens | null {
  if (typeof value !== 'object' || value === null) return null
  const { token, refresh_token } = value as Record<string, unknown>
  return typeof token === 'string' && typeof refresh_token === 'string' ? { token, refresh_token } : null
}

/**
 * One exchange for each refresh token in this process, however many requests bring it. Several processes are safe too, because
 * the API answers the previous token with the same successor.
 */
export function createRefresh(ask: AskApi, now: () => number = Date.now): Refresh {
  const exchanges = new Map<string, { result: Promise<SessionTokens | null>; until: number }>()

  async function exchange(refreshToken: string, caller: Caller): Promise<SessionTokens | null> {
    const body = JSON.stringify({ refresh_token: refreshToken })
    const answer = await ask({ method: 'POST', path: '/backend/auth/refresh', body, caller, repeatable: true })
    if (answer.status === 401 || answer.status === 400) return null
    const tokens = answer.status === 200 ? tokensOf(jsonOf(answer)) : null
    // Busy, limited or broken: all of them pass, so the session stays.
    if (!tokens) throw new ApiAway()
    return tokens
  }

  function exchangeOnce(refreshToken: string, caller: Caller): Promise<SessionTokens | null> {
    for (const [key, { until }] of exchanges) {
      if (until > now() && exchanges.size <= MAX_KEPT) break
      exchanges.delete(key)
    }
    const running = exchanges.get(refreshToken)
    if (running) return running.result
    const result = exchange(refreshToken, caller)
    exchanges.set(refreshToken, { result, until: now() + KEEP })
    // A failure is not kept: the next request asks again.
    result.catch(() => exchanges.delete(refreshToken))
    return result
  }

  return async (refreshToken, caller) => {
    let tokens = await exchangeOnce(refreshToken, caller)
    // A late request may bring a token whose successor has been exchanged as well: its answer must not put the browser back.
    for (let steps = 0; tokens && steps < MAX_KEPT; steps++) {
      const further = exchanges.get(tokens.refresh_token)
      if (!further || further.until <= now()) break
      tokens = await further.result
    }
    return tokens
  }
}
