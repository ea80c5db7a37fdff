// Without the schema library, so that pages can name these without loading it.

/** What happened to an account that its owner should know of. */
export const SECURITY_ACTIONS = [
  'registered',
  'signed_in',
  'signed_out',
  'session_signed_out',
  'signed_out_elsewhere',
  'signed_out_everywhere',
  'refresh_token_reused',
  'password_changed',
  'password_reset',
  'reset_link_made',
  'address_changed',
  'data_exported',
  'admin_claimed',
  'admin_granted',
  'admin_revoked',
  'account_deactivated',
  'account_activated',
] as const

/** One of {@link SECURITY_ACTIONS}. */
export type SecurityAction = (typeof SECURITY_ACTIONS)[number]

/** What administrators do that is about no account. */
export const ADMINISTRATION_ACTIONS = [
  'phrase_made',
  'phrase_changed',
  'phrase_deleted',
  'suggestion_approved',
  'suggestion_rejected',
  'registration_opened',
  'registration_closed',
] as const

/** Everything that the audit log of this release writes down. */
export const AUDIT_ACTIONS = [...SECURITY_ACTIONS, ...ADMINISTRATION_ACTIONS] as const

/** One of {@link AUDIT_ACTIONS}. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number]
