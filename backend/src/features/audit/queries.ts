import type { SecurityEvent } from '@kennwilliamson/contracts/accounts'
import { SECURITY_ACTIONS, type AuditAction } from '@kennwilliamson/contracts/audit-actions'
import type { Sql } from '../../platform/database.ts'

/** Something security-relevant that somebody did. No name, address or secret goes in here. */
export interface AuditEvent {
  action: AuditAction
  /** Who did it; null for whoever runs the machine. */
  actorId: string | null
  /** Whose account it is about; null for none's. */
  subjectId: string | null
  /** What it was done to, where that is not the account: a session, a phrase, a suggestion. */
  targetId?: string
}

/** Writes an event down, in the transaction of what it tells of. */
export async function insertAuditEvent(sql: Sql, { action, actorId, subjectId, targetId }: AuditEvent): Promise<void> {
  await sql`
    insert into audit_events (action, actor_id, subject_id, target_id, by_operator)
    values (${action}, ${actorId}, ${subjectId}, ${targetId ?? null}, ${actorId === null})
  `
}

/**
 * Events of an account, newest first, older than `before` where that is given. Those of kinds that this release does not know are left
 * out: another release may have written them.
 */
export async function listSecurityEvents(
  sql: Sql,
  userId: string,
  { before, limit }: { before: string | null; limit: number },
): Promise<SecurityEvent[]> {
  return await sql<SecurityEvent[]>`
    select
      id, action,
      case when actor_id = subject_id then 'you' when by_operator then 'operator' else 'administrator' end as by,
      created_at
    from audit_events
    where subject_id = ${userId}
      and action = any(${[...SECURITY_ACTIONS]}::text[])
      and id < coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by id desc
    limit ${limit}
  `
}
