import { expect } from 'vitest'
import { ERRORS, Problem, type ErrorCode } from '@kennwilliamson/contracts/errors'
import type { Answer } from './start-nginx.ts'

/** The headers that every answer must have, each once. */
export function expectStandardHeaders({ headers }: Answer): void {
  expect(headers).toMatchObject({
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': expect.stringMatching(/^(strict-origin-when-cross-origin|no-referrer)$/),
    'permissions-policy': expect.stringContaining('camera=()'),
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-request-id': expect.stringMatching(/^[\w-]{8,}$/),
  })
  // No version, and nothing twice: Node joins repeated headers with a comma.
  expect(headers.server).toBe('nginx')
  for (const name of ['x-frame-options', 'content-security-policy', 'referrer-policy', 'x-request-id'] as const) {
    expect(headers[name]).not.toContain(',')
  }
}

/** An error of nginx itself, in the shape of the wire contract. */
export function expectProblem(answer: Answer, code: ErrorCode): void {
  expect(answer.status).toBe(ERRORS[code].status)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(Problem.parse(JSON.parse(answer.body))).toMatchObject({ code, status: answer.status, type: `/backend/docs#${code}` })
}
