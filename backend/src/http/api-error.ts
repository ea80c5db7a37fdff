import { ERRORS, type ErrorCode, type Problem } from '@kennwilliamson/contracts/errors'

/** What a field error names: the path of the field in the request, and a sentence beside it. */
export interface FieldError {
  path: string
  message: string
}

interface Extras {
  detail?: string
  errors?: FieldError[]
  headers?: Record<string, string>
}

/** An answer of the closed catalogue, thrown. Anything else that is thrown is answered as INTERNAL. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly extras: Extras

  constructor(code: ErrorCode, extras: Extras = {}) {
    super(extras.detail ?? ERRORS[code].detail)
    this.code = code
    this.extras = extras
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** The problem document of an error (RFC 9457). */
export function problemOf(code: ErrorCode, extras: Extras = {}): Problem {
  const { status } = ERRORS[code]
  const detail = extras.detail ?? ERRORS[code].detail
  return {
    type: `/backend/docs#${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    code,
    error: detail,
    ...(extras.errors ? { errors: extras.errors } : {}),
  }
}
