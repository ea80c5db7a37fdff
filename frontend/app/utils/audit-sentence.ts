import type { AuditEntry } from '@kennwilliamson/contracts/admin'
import type { AuditAction } from '@kennwilliamson/contracts/audit-actions'

/** The kinds of events as they are chosen from a list. */
export const AUDIT_LABELS: Record<AuditAction, string> = {
  registered: 'Accounts made',
  signed_in: 'Sign-ins',
  signed_out: 'Sign-outs',
  session_signed_out: 'Devices signed out',
  signed_out_elsewhere: 'Signed out everywhere else',
  signed_out_everywhere: 'Signed out everywhere',
  refresh_token_reused: 'Old tokens used again',
  password_changed: 'Passwords changed',
  password_reset: 'Passwords set with a link',
  reset_link_made: 'Links to a new password',
  address_changed: 'Addresses changed',
  data_exported: 'Data downloaded',
  admin_claimed: 'First administrator',
  admin_granted: 'Administrators made',
  admin_revoked: 'Administrators unmade',
  account_deactivated: 'Accounts deactivated',
  account_activated: 'Accounts activated again',
  phrase_made: 'Phrases made',
  phrase_changed: 'Phrases changed',
  phrase_deleted: 'Phrases taken out of use',
  suggestion_approved: 'Suggestions taken',
  suggestion_rejected: 'Suggestions refused',
  registration_opened: 'Registration opened',
  registration_closed: 'Registration closed',
}

/** What was done; `%` stands for the person to whom, where that is another than the one who did it. */
const DONE: Record<AuditAction, { alone: string; other?: string }> = {
  registered: { alone: 'made an account' },
  signed_in: { alone: 'signed in' },
  signed_out: { alone: 'signed out' },
  session_signed_out: { alone: 'signed out a device', other: 'signed out a device of %' },
  signed_out_elsewhere: { alone: 'signed out everywhere else' },
  signed_out_everywhere: { alone: 'signed out everywhere', other: 'signed % out everywhere' },
  refresh_token_reused: { alone: 'used an old token again: that session was ended', other: 'used an old token of % again' },
  password_changed: { alone: 'changed their password', other: 'changed the password of %' },
  password_reset: { alone: 'set a new password with a link', other: 'set a new password for %' },
  reset_link_made: { alone: 'made a link to a new password', other: 'made a link to a new password for %' },
  address_changed: { alone: 'changed their address', other: 'changed the address of %' },
  data_exported: { alone: 'downloaded their data', other: 'downloaded the data of %' },
  admin_claimed: { alone: 'became the first administrator', other: 'made % an administrator' },
  admin_granted: { alone: 'made themselves an administrator', other: 'made % an administrator' },
  admin_revoked: { alone: 'gave up being an administrator', other: 'made % an ordinary user' },
  account_deactivated: { alone: 'deactivated their own account', other: 'deactivated the account of %' },
  account_activated: { alone: 'activated their own account', other: 'activated the account of %' },
  phrase_made: { alone: 'made a phrase' },
  phrase_changed: { alone: 'changed a phrase' },
  phrase_deleted: { alone: 'took a phrase out of use' },
  suggestion_approved: { alone: 'took a suggestion', other: 'took a suggestion of %' },
  suggestion_rejected: { alone: 'refused a suggestion', other: 'refused a suggestion of %' },
  registration_opened: { alone: 'opened registration' },
  registration_closed: { alone: 'closed registration' },
}

/** One event as a sentence without its full stop. Of kinds that only another release knows, the name of the kind. */
export function auditSentence(
  event: Pick<AuditEntry, 'action' | 'actor_id' | 'actor_name' | 'subject_id' | 'subject_name' | 'by_operator'>,
): string {
  const { action, actor_id, subject_id, by_operator } = event
  const actor = by_operator ? 'Whoever runs the machine' : (event.actor_name ?? 'Somebody whose account is gone')
  const done = Object.hasOwn(DONE, action)
    ? DONE[action as AuditAction]
    : { alone: `did “${action}”`, other: `did “${action}” to %` }
  const isOther = subject_id !== null && subject_id !== actor_id
  const wording = isOther ? (done.other ?? done.alone) : done.alone
  // A function, so that no sign of a name means anything.
  return `${actor} ${wording.replace('%', () => event.subject_name ?? 'somebody whose account is gone')}`
}
