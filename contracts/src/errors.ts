import { z } from 'zod'

/**
 * Every error that the API can answer, with its status and the sentence a person reads. The list is closed: a code that is
 * not here cannot be thrown. Sentences of the core are fixed, because clients of the original show them.
 */
export const ERRORS = {
  MALFORMED_REQUEST: { status: 400, detail: 'The request could not be read' },
  INVALID_INPUT: { status: 400, detail: 'Some fields are missing or invalid' },
  SLUG_IMPOSSIBLE: { status: 400, detail: 'No address can be made of this name: it needs a letter or a digit' },
  SLUG_RESERVED: { status: 400, detail: 'This name is reserved: please choose another' },
  PASSWORD_TOO_WEAK: { status: 400, detail: 'This password is too easy to guess' },
  INCIDENT_IN_FUTURE: { status: 400, detail: 'An incident cannot lie in the future' },
  INVALID_RESET_TOKEN: { status: 400, detail: 'This link was used already, was replaced or has expired' },
  UNAUTHENTICATED: { status: 401, detail: 'Please sign in' },
  INVALID_CREDENTIALS: { status: 401, detail: 'Invalid email or password' },
  INVALID_REFRESH_TOKEN: { status: 401, detail: 'Invalid or expired refresh token' },
  FORBIDDEN: { status: 403, detail: 'You are not allowed to do this' },
  WRONG_PASSWORD: { status: 403, detail: 'This is not your password' },
  WRONG_CODE: { status: 403, detail: 'This is not the code, or it has expired' },
  CROSS_SITE_REQUEST: { status: 403, detail: 'This request came from another site' },
  ACCOUNT_DEACTIVATED: { status: 403, detail: 'This account is deactivated' },
  REGISTRATION_CLOSED: { status: 403, detail: 'Registration is closed on this site' },
  NOT_FOUND: { status: 404, detail: 'Not found' },
  TIMER_NOT_FOUND: { status: 404, detail: 'Timer not found' },
  INCIDENT_NOT_FOUND: { status: 404, detail: 'There is no such incident' },
  LINK_NOT_FOUND: { status: 404, detail: 'There is no such link' },
  NO_PUBLIC_TIMER: { status: 404, detail: 'No timer found for this user' },
  NO_PHRASE: { status: 404, detail: 'No phrase found' },
  PHRASE_NOT_FOUND: { status: 404, detail: 'There is no such phrase' },
  SUGGESTION_NOT_FOUND: { status: 404, detail: 'There is no such suggestion' },
  USER_NOT_FOUND: { status: 404, detail: 'There is no such user' },
  SESSION_NOT_FOUND: { status: 404, detail: 'There is no such session' },
  TOKEN_NOT_FOUND: { status: 404, detail: 'Token not found' },
  METHOD_NOT_ALLOWED: { status: 405, detail: 'This method is not allowed here' },
  REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive' },
  EMAIL_TAKEN: { status: 409, detail: 'Email already exists' },
  SLUG_TAKEN: { status: 409, detail: 'Somebody else has this address' },
  TOO_MANY_ADDRESSES: {
    status: 409,
    detail: 'Five former addresses still lead to you: take one of them back, or wait until one has expired',
  },
  DEFAULT_TIMER: { status: 409, detail: 'Your first timer can be archived, but not deleted' },
  TIMER_SLUG_FIXED: { status: 409, detail: 'The address of your first timer is fixed' },
  TIMER_SLUG_TAKEN: { status: 409, detail: 'Another timer of yours has this address' },
  TOO_MANY_TIMERS: { status: 409, detail: 'You have 50 timers, and there cannot be more: delete one that you no longer need' },
  TOO_MANY_INCIDENTS: { status: 409, detail: 'This timer has 100,000 incidents, and there cannot be more' },
  TOO_MANY_LINKS: {
    status: 409,
    detail: 'This timer has 20 links, and there cannot be more: revoke one that you no longer need',
  },
  TOO_MANY_SUGGESTIONS: { status: 409, detail: '20 of your suggestions wait for a decision, and there cannot be more' },
  ALREADY_DECIDED: { status: 409, detail: 'This suggestion has been decided already' },
  UNDO_EXPIRED: { status: 409, detail: 'A reset can be undone once, within ten minutes: delete the incident instead' },
  LAST_ADMIN: { status: 409, detail: 'The last active administrator must stay one' },
  REGISTRATION_FIXED: { status: 409, detail: 'Whoever runs this site has closed registration in its settings' },
  IDEMPOTENCY_KEY_REUSED: { status: 409, detail: 'This idempotency key was used with another request' },
  STALE: { status: 412, detail: 'This was changed elsewhere meanwhile: look at it again' },
  BODY_TOO_LARGE: { status: 413, detail: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, detail: 'The body must be JSON in UTF-8' },
  TOO_MANY_REQUESTS: { status: 429, detail: 'Too many requests: please wait a moment' },
  HEADERS_TOO_LARGE: { status: 431, detail: 'The request headers are too large' },
  INTERNAL: { status: 500, detail: 'Something went wrong on our side' },
  DATABASE_UNAVAILABLE: { status: 503, detail: 'The database is away for a moment: please try again' },
  OVERLOADED: { status: 503, detail: 'The site is busy: please try again in a moment' },
} as const satisfies Record<string, { status: number; detail: string }>

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof ERRORS

/** The list itself, for schemas and tests. */
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]

/**
 * An error answer, `application/problem+json` (RFC 9457). `error` repeats `detail`, because clients of the original read it;
 * `errors` names the fields of the request that were refused.
 */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(ERROR_CODES),
  error: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
