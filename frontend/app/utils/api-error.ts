import type { ErrorCode, Problem } from '@kennwilliamson/contracts/errors'

/** Besides the API's own codes: no answer came at all, one that nobody promised, or it would be done in another person's name. */
export type FailureCode = ErrorCode | 'UNREACHABLE' | 'UNEXPECTED' | 'SOMEBODY_ELSE'

/** A request that did not succeed, in the words that a person may read. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: FailureCode
  /** Sentence beside a field, by the field's path in the request. */
  readonly fields: Record<string, string>
  /** Seconds until it may work, where the server said so. */
  readonly retryAfter: number | null

  constructor(
    status: number,
    code: FailureCode,
    detail: string,
    fields: Record<string, string> = {},
    retryAfter: number | null = null,
  ) {
    super(detail)
    this.status = status
    this.code = code
    this.fields = fields
    this.retryAfter = retryAfter
  }
}

/** What was asked for has another address now: `path`, below the API's origin and `/backend`. Whoever asked shows it under that one. */
export class Moved extends Error {
  override readonly name = 'Moved'
  readonly path: string

  constructor(path: string) {
    super(`moved to ${path}`)
    this.path = path
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value
}

/** What an answer that is no success means. `retryAfter` is the header as it came. */
export function apiErrorOf(status: number, body: unknown, retryAfter: string | null): ApiError {
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null
  if (!isProblem(body)) {
    return status === 429 || status === 503
      ? new ApiError(status, 'OVERLOADED', 'The site is busy: please try again in a moment', {}, seconds)
      : new ApiError(status, 'UNEXPECTED', 'Something went wrong: please try again', {}, seconds)
  }
  const fields = Object.fromEntries((body.errors ?? []).map(({ path, message }) => [path, message]))
  return new ApiError(status, body.code, body.detail, fields, seconds)
}

/** For a request that got no answer: the network, or a server that is being restarted. */
export function unreachable(): ApiError {
  return new ApiError(0, 'UNREACHABLE', 'The site cannot be reached: please check your connection and try again')
}

/** For a page of one person in a browser where another has signed in since, in another tab. */
export function somebodyElse(): ApiError {
  return new ApiError(401, 'SOMEBODY_ELSE', 'Somebody else is signed in here now: reload the page')
}

/** The sentence for a failure of any kind, with the wait where there is one. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong: please try again'
  if (error.retryAfter === null || error.retryAfter < 2 || error.status !== 429) return `${error.message}.`
  return `${error.message}. You can try again in ${error.retryAfter} seconds.`
}
