/**
 * The API's word that this browser has signed in before, under its own cookie: it outlives the session, so that nobody who guesses at
 * the account can keep its owner out. It proves nothing else. `__Host-` as for the session.
 */
export const DEVICE_COOKIE = '__Host-kennwilliamson-device'

/** 400 days, in seconds: no browser keeps a cookie for longer (RFC 6265bis, 5.5). */
export const DEVICE_SECONDS = 400 * 86_400

/** What may be such a word: nothing else goes into a header. What it is worth, the API knows. */
export function deviceStatementOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,200}$/.test(value) ? value : undefined
}
