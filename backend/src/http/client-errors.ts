import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { ErrorCode } from '@kennwilliamson/contracts/errors'
import { problemOf } from './api-error.ts'

const BY_PARSER_CODE: Record<string, ErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
}

/**
 * Answers what could not even be parsed as HTTP, in the shape of every other error, and ends the connection: what follows
 * on it could not be told apart from it.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = problemOf(BY_PARSER_CODE[error.code ?? ''] ?? 'MALFORMED_REQUEST')
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${randomBytes(16).toString('hex')}`,
      'x-content-type-options: nosniff',
      "content-security-policy: default-src 'none'; frame-ancestors 'none'",
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
