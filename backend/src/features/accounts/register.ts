import type { RegisterRequest } from '@kennwilliamson/contracts/auth'
import { ApiError } from '../../http/api-error.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database, Sql } from '../../platform/database.ts'
import type { UserRow } from '../auth/queries.ts'
import { findFreeSlug, insertUser } from './queries.ts'
import { slugForUser } from './slug.ts'

/** What came of a registration. */
export type Registration<T> = { outcome: 'created'; user: UserRow; extra: T } | { outcome: 'email-taken' }

const TRIES = 50

/** The slug a name asks for. @throws {ApiError} SLUG_IMPOSSIBLE or SLUG_RESERVED, beside the field. */
export function requestedSlug(displayName: string): string {
  const result = slugForUser(displayName)
  if ('slug' in result) return result.slug
  const error = new ApiError(result.problem)
  throw new ApiError(result.problem, { errors: [{ path: 'display_name', message: error.message }] })
}

/**
 * Creates an account and whatever belongs to it in one transaction. Two people who take the same free address at the same
 * moment get different ones: the loser of the race tries the next.
 */
export async function registerUser<T>(
  sql: Database,
  input: RegisterRequest,
  passwordHash: string,
  within: (transaction: Sql, user: UserRow) => Promise<T>,
): Promise<Registration<T>> {
  const base = requestedSlug(input.display_name)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const slug = await findFreeSlug(sql, base)
    if (!slug) break
    try {
      const created = await sql.begin(async (transaction) => {
        const user = await insertUser(transaction, {
          email: input.email,
          displayName: input.display_name,
          slug,
          timeZone: input.time_zone,
          passwordHash,
          shareLevel: input.share_level,
        })
        return user && { user, extra: await within(transaction, user) }
      })
      if (!created) return { outcome: 'email-taken' }
      return { outcome: 'created', user: created.user, extra: created.extra as T }
    } catch (error) {
      if (violatedConstraint(error) !== 'users_slug_key') throw error
    }
  }
  throw new ApiError('OVERLOADED')
}
