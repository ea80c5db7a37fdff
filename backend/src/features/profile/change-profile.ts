import type { UpdateProfileRequest } from '@kennwilliamson/contracts/accounts'
import { ApiError } from '../../http/api-error.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { slugForUser } from '../accounts/slug.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { dropFormerSlug, findProfile, keepFormerSlug, listFormerSlugs, lockSlug, updateProfile } from './queries.ts'
import type { UserRow } from '../auth/queries.ts'

/** So many former addresses one may keep from others: whoever changes theirs again and again would else keep all of them. */
const FORMER_SLUGS_AT_MOST = 5

/**
 * Changes what is given, in one transaction. An address that is given up leads to the new one for 90 days, in which nobody else can
 * have it; its former owner can have it back. Null when the user is not there any more.
 *
 * @throws {ApiError} SLUG_IMPOSSIBLE, SLUG_RESERVED or SLUG_TAKEN beside the field; TOO_MANY_ADDRESSES.
 */
export async function changeProfile(sql: Database, userId: string, input: UpdateProfileRequest): Promise<UserRow | null> {
  const wanted = input.slug === undefined ? null : addressOf(input.slug)
  try {
    return await sql.begin(async (sql) => {
      const slug = await lockSlug(sql, userId)
      if (slug === null) return null
      const change = { displayName: input.display_name ?? null, slug: wanted, timeZone: input.time_zone ?? null }
      await updateProfile(sql, userId, change)
      if (wanted !== null && wanted !== slug) await moveFrom(sql, userId, { from: slug, to: wanted })
      return await findProfile(sql, userId)
    })
  } catch (error) {
    throw violatedConstraint(error) === 'users_slug_key' ? beside('slug', 'SLUG_TAKEN') : error
  }
}

async function moveFrom(sql: Sql, userId: string, { from, to }: { from: string; to: string }): Promise<void> {
  await dropFormerSlug(sql, userId, to)
  const former = await listFormerSlugs(sql, userId)
  if (former.length >= FORMER_SLUGS_AT_MOST) throw new ApiError('TOO_MANY_ADDRESSES')
  await keepFormerSlug(sql, userId, from)
  await insertAuditEvent(sql, { action: 'address_changed', actorId: userId, subjectId: userId })
}

function addressOf(text: string): string {
  const result = slugForUser(text)
  if ('problem' in result) throw beside('slug', result.problem)
  return result.slug
}

function beside(path: string, code: 'SLUG_IMPOSSIBLE' | 'SLUG_RESERVED' | 'SLUG_TAKEN'): ApiError {
  return new ApiError(code, { errors: [{ path, message: new ApiError(code).message }] })
}
