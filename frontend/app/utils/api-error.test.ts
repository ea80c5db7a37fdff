import { describe, expect, it } from 'vitest'
import { ApiError, apiErrorOf, sentenceOf } from './api-error.ts'

const problem = {
  type: '/x',
  title: 'Bad Request',
  status: 400,
  detail: 'Some fields are missing or invalid',
  code: 'INVALID_INPUT',
  error: 'x',
}

describe('apiErrorOf', () => {
  it('keeps the code, the words and the fields of a problem', () => {
    const error = apiErrorOf(400, { ...problem, errors: [{ path: 'email', message: 'must be an e-mail address' }] }, null)
    expect(error).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      message: problem.detail,
      fields: { email: 'must be an e-mail address' },
    })
  })

  it.each([null, 'text', {}, { code: 'X' }])('has words for an answer that nobody promised (%j)', (body) => {
    expect(apiErrorOf(500, body, null)).toMatchObject({ code: 'UNEXPECTED' })
    expect(apiErrorOf(503, body, '5')).toMatchObject({ code: 'OVERLOADED', retryAfter: 5 })
  })
})

describe('sentenceOf', () => {
  it('says how long to wait when there were too many tries', () => {
    expect(sentenceOf(new ApiError(429, 'TOO_MANY_REQUESTS', 'Too many requests: please wait a moment', {}, 30))).toBe(
      'Too many requests: please wait a moment. You can try again in 30 seconds.',
    )
  })

  it('has a sentence for what nobody expected', () => {
    expect(sentenceOf(new TypeError('x is not a function'))).toBe('Something went wrong: please try again')
  })
})
