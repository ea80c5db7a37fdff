import type { Database } from '../../platform/database.ts'
import { hashPassword, isOutdated } from './passwords.ts'
import { replacePasswordHash } from './queries.ts'

/**
 * Replaces the hash of somebody who has just proved their password by one of ours, where it is weaker. It takes its turn among all
 * password work, so whoever signs in should not wait for it. A password that was changed meanwhile stays. True when it was replaced.
 *
 * @throws {ApiError} OVERLOADED when too many wait: then it is for the next time.
 */
export async function renewOutdatedHash(
  sql: Database,
  { id, password_hash: from }: { id: string; password_hash: string },
  password: string,
): Promise<boolean> {
  if (!isOutdated(from, password)) return false
  return await replacePasswordHash(sql, id, { from, to: await hashPassword(password) })
}
