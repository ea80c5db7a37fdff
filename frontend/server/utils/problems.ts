import { STATUS_CODES } from 'node:http'
import type { ErrorCode, ERRORS, Problem } from '@kennwilliamson/contracts/errors'

/**
 * The errors that this server answers by itself. The types hold them to the catalogue in contracts; the values are written out,
 * because importing them would load the schema library into every process that serves pages.
 */
const OWN_PROBLEMS = {
  MALFORMED_REQUEST: { status: 400, detail: 'The request could not be read' },
  UNAUTHENTICATED: { status: 401, detail: 'Please sign in' },
  CROSS_SITE_REQUEST: { status: 403, detail: 'This request came from another site' },
  NOT_FOUND: { status: 404, detail: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, detail: 'This method is not allowed here' },
  REQUEST_TIMEOUT: { status: 408, detail: 'The request took too long to arrive' },
  BODY_TOO_LARGE: { status: 413, detail: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, detail: 'The body must be JSON in UTF-8' },
  INTERNAL: { status: 500, detail: 'Something went wrong on our side' },
  OVERLOADED: { status: 503, detail: 'The site is busy: please try again in a moment' },
} as const satisfies Partial<{ [Code in ErrorCode]: (typeof ERRORS)[Code] }>

/** One of the errors that this server answers by itself. */
export type OwnProblem = keyof typeof OWN_PROBLEMS

/** A problem document (RFC 9457) in the form that the API gives it. */
export function problemOf(code: OwnProblem): Problem {
  const { status, detail } = OWN_PROBLEMS[code]
  // Node still says it in the words of an older RFC.
  const title = status === 413 ? 'Content Too Large' : (STATUS_CODES[status] ?? 'Error')
  return { type: `/backend/docs#${code}`, title, status, detail, code, error: detail }
}

/** Thrown by a bridge route to answer with a problem. */
export class BridgeProblem extends Error {
  readonly code: OwnProblem
  readonly headers: Record<string, string>

  constructor(code: OwnProblem, headers: Record<string, string> = {}) {
    super(code)
    this.code = code
    this.headers = headers
  }
}

/** The API could not be reached, or not in time. It is nobody's fault and ends no session. */
export class ApiAway extends BridgeProblem {
  constructor() {
    super('OVERLOADED', { 'retry-after': '5' })
  }
}
