import { z } from 'zod'
import { SecurityEvent } from './accounts.ts'
import { User } from './auth.ts'
import { Timestamp, Uuid } from './common.ts'
import { SecretLink } from './links.ts'
import { Suggestion } from './phrases.ts'
import { ShareLevel } from './share-levels.ts'

/** An incident with what became of it: `undone_at` when its reset was taken back, `corrected_at` when the owner let visitors see that it was changed. */
const ExportedIncident = z.object({
  id: Uuid,
  occurred_at: Timestamp,
  notes: z.string().nullable(),
  corrected_at: Timestamp.nullable(),
  undone_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

/** What an edit, a deletion or an undo changed. The incident of a deletion is not among the incidents any more. */
const ExportedRevision = z.object({
  id: Uuid,
  incident_id: Uuid,
  action: z.string(),
  occurred_at_before: Timestamp,
  notes_before: z.string().nullable(),
  occurred_at_after: Timestamp.nullable(),
  notes_after: z.string().nullable(),
  created_at: Timestamp,
})

/** A timer with its whole history, oldest first. */
const ExportedTimer = z.object({
  id: Uuid,
  slug: z.string(),
  is_default: z.boolean(),
  title: z.string(),
  started_at: Timestamp,
  share_level: ShareLevel,
  is_listed: z.boolean(),
  position: z.int(),
  archived_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  incidents: z.array(ExportedIncident),
  revisions: z.array(ExportedRevision),
  links: z.array(SecretLink),
})

/** A sign-in, ended ones included as long as they are kept. No token and no hash of one. */
const ExportedSession = z.object({
  id: Uuid,
  user_agent: z.string().nullable(),
  ip: z.string().nullable(),
  created_at: Timestamp,
  last_used_at: Timestamp,
  expires_at: Timestamp,
  revoked_at: Timestamp.nullable(),
})

/**
 * GET `/account/export`: everything that is kept about one, as of one moment. `format` grows when something in here changes its
 * meaning or goes away; keys that are added do not change it. What is not in here: the password's hash, and hashes of tokens and of secret links.
 */
export const AccountExport = z.object({
  format: z.literal(1),
  exported_at: Timestamp,
  account: User.extend({ time_zone: z.string(), updated_at: Timestamp }),
  former_slugs: z.array(z.object({ slug: z.string(), created_at: Timestamp, expires_at: Timestamp })),
  sessions: z.array(ExportedSession),
  security_events: z.array(SecurityEvent.extend({ action: z.string() })),
  timers: z.array(ExportedTimer),
  phrase_suggestions: z.array(Suggestion),
  /** By the phrase's id. */
  excluded_phrases: z.array(z.object({ id: Uuid, phrase_text: z.string(), excluded_at: Timestamp })),
})
export type AccountExport = z.infer<typeof AccountExport>
