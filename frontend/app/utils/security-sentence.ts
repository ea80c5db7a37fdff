import type { SecurityEvent } from '@kennwilliamson/contracts/accounts'
import type { SecurityAction } from '@kennwilliamson/contracts/audit-actions'

const WHO: Record<SecurityEvent['by'], string> = {
  you: 'You',
  administrator: 'An administrator of this site',
  operator: 'Whoever runs this site',
}

/** What happened, with the one who did it in front. */
const DONE: Partial<Record<SecurityAction, string>> = {
  registered: 'created the account',
  signed_in: 'signed in',
  signed_out: 'signed out',
  session_signed_out: 'signed out one device',
  signed_out_elsewhere: 'signed out all other devices',
  password_changed: 'changed the password',
  reset_link_made: 'made a link for a new password',
  address_changed: 'changed the address of your page',
  data_exported: 'downloaded your data',
  admin_claimed: 'became the first administrator of this site',
  admin_granted: 'made this account an administrator of this site',
  admin_revoked: 'made this account an ordinary one again',
  account_deactivated: 'deactivated the account',
  account_activated: 'activated the account again',
}

/** A security event as a sentence that a person understands, without its full stop. */
export function securitySentence({ action, by }: Pick<SecurityEvent, 'action' | 'by'>): string {
  switch (action) {
    case 'signed_out_everywhere':
      return by === 'you' ? 'You signed out everywhere' : `${WHO[by]} signed you out everywhere`
    case 'password_reset':
      return 'A new password was set with a link'
    case 'refresh_token_reused':
      return 'One device was signed out, because an old copy of its key was used a second time'
    default:
      return `${WHO[by]} ${DONE[action] ?? 'changed something about the account'}`
  }
}
