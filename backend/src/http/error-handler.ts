import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { ErrorCode } from '@kennwilliamson/contracts/errors'
import { classifyDatabaseError, violatedConstraint, type DatabaseFailure } from '../platform/database-errors.ts'
import { ApiError, problemOf, type FieldError } from './api-error.ts'

const BY_FRAMEWORK_CODE: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_REQUEST',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_REQUEST',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_REQUEST',
  FST_ERR_BAD_URL: 'MALFORMED_REQUEST',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
  FST_ERR_ASYNC_CONSTRAINT: 'NOT_FOUND',
}

const BY_DATABASE_FAILURE: Record<DatabaseFailure, ErrorCode> = {
  unavailable: 'DATABASE_UNAVAILABLE',
  busy: 'OVERLOADED',
  full: 'DATABASE_UNAVAILABLE',
  'bad-input': 'INVALID_INPUT',
  other: 'INTERNAL',
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route says of a malformed id or slug: the same as of an unknown one. */
    notFound?: ErrorCode
  }
}

/** Sends a problem document. 429 and 503 always say when to come back. */
export function sendProblem(reply: FastifyReply, error: ApiError): FastifyReply {
  const problem = problemOf(error.code, error.extras)
  if ((problem.status === 503 || problem.status === 429) && !error.extras.headers?.['retry-after'])
    reply.header('retry-after', '2')
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (error.extras.headers) reply.headers(error.extras.headers)
  return reply
    .status(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}

/** The one place where whatever was thrown becomes an answer: never a stack, a path, SQL or a driver's words. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error, request.routeOptions.config.notFound)
  const level = known.code === 'INTERNAL' ? 'error' : known.code === 'DATABASE_UNAVAILABLE' ? 'warn' : 'debug'
  request.log[level]({ err: error, code: known.code }, 'request failed')
  return sendProblem(reply, known)
}

/** A failure's entry in the catalogue. */
export function toApiError(error: FastifyError, notFound: ErrorCode = 'NOT_FOUND'): ApiError {
  if (error instanceof ApiError) return error
  if (hasZodFastifySchemaValidationErrors(error)) return fromValidation(error, notFound)
  const framework = BY_FRAMEWORK_CODE[error.code]
  if (framework) return new ApiError(framework)
  // A token may outlive its user by a moment, and then nothing can be written for them.
  if (/_(user|actor|subject)_id_fkey$/.test(violatedConstraint(error) ?? '')) return new ApiError('UNAUTHENTICATED')
  const failure = classifyDatabaseError(error)
  if (failure) return new ApiError(BY_DATABASE_FAILURE[failure])
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) return new ApiError('MALFORMED_REQUEST')
  return new ApiError('INTERNAL')
}

function fromValidation(error: FastifyError, notFound: ErrorCode): ApiError {
  // A malformed id or slug in a path names nothing: 404, as if it were well formed and unknown.
  if (error.validationContext === 'params') return new ApiError(notFound)
  const errors: FieldError[] = (error.validation ?? []).map((issue) => ({
    path: issue.instancePath.split('/').filter(Boolean).join('.'),
    message: issue.message ?? 'is invalid',
  }))
  const [first] = errors
  const detail = first ? `${first.path ? `${first.path}: ` : ''}${first.message}` : undefined
  return new ApiError('INVALID_INPUT', { errors, ...(detail ? { detail } : {}) })
}
