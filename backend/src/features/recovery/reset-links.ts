import { createHash, randomBytes } from 'node:crypto'
import type { ResetLink } from '@kennwilliamson/contracts/recovery'
import type { Sql } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { insertResetLink } from './queries.ts'

/** What is kept of a link's token. */
export function hashResetToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * Makes the link with which a user sets a new password: 256 random bits behind `#`, which no browser sends and no log has. `actorId` is
 * the administrator who makes it, null for whoever runs the machine.
 */
export async function makeResetLink(
  sql: Sql,
  { userId, actorId, siteUrl }: { userId: string; actorId: string | null; siteUrl: string },
): Promise<ResetLink> {
  const token = randomBytes(32).toString('base64url')
  const expires_at = await insertResetLink(sql, userId, hashResetToken(token))
  await insertAuditEvent(sql, { action: 'reset_link_made', actorId, subjectId: userId })
  return { url: `${siteUrl}/reset#${token}`, expires_at }
}
