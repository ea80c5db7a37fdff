import { createHash } from 'node:crypto'
import { ApiError } from '../../http/api-error.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { claimKey, findFirstAnswer, keepAnswer } from './queries.ts'

/** An answer as it goes out and as it is kept. */
export interface Answer<T> {
  status: number
  body: T
}

interface Once {
  userId: string
  /** Method and path pattern: the same key on another route is another key. */
  route: string
  /** The `Idempotency-Key` header, if any. */
  key: string | string[] | undefined
  /** What was asked, as validated: the same key with another request is refused. */
  request: unknown
  /** The work is more than one statement, so that it needs a transaction without a key too. */
  isManySteps?: true
}

/**
 * Does creating work at most once for an `Idempotency-Key`: the key and the work are one transaction, so a retry gets the
 * first answer, and a parallel one waits for it. Without a key the work is simply done.
 *
 * @throws {ApiError} INVALID_INPUT for a malformed key, IDEMPOTENCY_KEY_REUSED for the same key with another request.
 */
export async function answerOnce<T>(sql: Database, once: Once, work: (sql: Sql) => Promise<Answer<T>>): Promise<Answer<T>> {
  if (once.key === undefined) return once.isManySteps ? await sql.begin<Answer<T>>(work) : await work(sql)
  if (typeof once.key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(once.key)) {
    throw new ApiError('INVALID_INPUT', {
      errors: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }],
    })
  }
  const requestHash = createHash('sha256').update(JSON.stringify(once.request)).digest()
  const requestKey = { userId: once.userId, route: once.route, key: once.key, requestHash }
  const result = await sql
    .begin(async (transaction) => {
      if (!(await claimKey(transaction, requestKey))) return null
      const answer = await work(transaction)
      await keepAnswer(transaction, requestKey, answer.status, JSON.stringify(answer.body))
      return answer
    })
    .catch((error: unknown) => {
      // A token may outlive its user by a moment.
      throw violatedConstraint(error) === 'idempotency_keys_user_id_fkey' ? new ApiError('UNAUTHENTICATED') : error
    })
  if (result) return result
  const first = await findFirstAnswer(sql, requestKey)
  if (first?.status == null || first.body === null) throw new ApiError('OVERLOADED')
  if (!first.request_hash.equals(requestHash)) throw new ApiError('IDEMPOTENCY_KEY_REUSED')
  return { status: first.status, body: JSON.parse(first.body) as T }
}
