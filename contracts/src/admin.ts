import { z } from 'zod'
import { User } from './auth.ts'
import { text, Timestamp, Uuid } from './common.ts'
import { PageQuery } from './paging.ts'

/** An account as an administrator sees it. `last_seen_at`: when a session of it was last used, null when none is kept. */
export const AdminUser = User.extend({ active: z.boolean(), last_seen_at: Timestamp.nullable() })
export type AdminUser = z.infer<typeof AdminUser>

/** GET `/admin/users`: `q` is looked for in e-mail address, name and address of the page. */
export const AdminUserQuery = PageQuery.extend({ q: text({ max: 100 }).optional() })

/**
 * GET `/admin/stats`: the installation at a glance. `version` is that of the API, `migration` the newest that the database has had. Of backups,
 * null before the first one; `proof` is one that was restored and compared. `registration_fixed`: closed by whoever runs the machine, so that no
 * administrator can open it. `server_time`: when it was so. Of the certificate that visitors get, null where none is watched, its end null where it could not be seen.
 */
export const AdminStats = z.object({
  users: z.int(),
  users_active: z.int(),
  administrators: z.int(),
  timers: z.int(),
  suggestions_pending: z.int(),
  database_bytes: z.int(),
  version: z.string(),
  database_version: z.string(),
  migration: z.int(),
  registration: z.enum(['open', 'closed']),
  registration_fixed: z.boolean(),
  server_time: Timestamp,
  certificate: z.object({ expires_at: Timestamp.nullable() }).nullable(),
  backup: z.object({ succeeded: z.boolean(), finished_at: Timestamp }).nullable(),
  proof: z.object({ succeeded: z.boolean(), finished_at: Timestamp }).nullable(),
})
export type AdminStats = z.infer<typeof AdminStats>

/** PUT `/admin/registration`, and the answer to it. */
export const RegistrationSetting = z.object({ registration: z.enum(['open', 'closed']) })
export type RegistrationSetting = z.infer<typeof RegistrationSetting>

/** GET `/admin/audit`: `action` is one kind of event, `user` an account that did it or that it was done to. */
export const AdminAuditQuery = PageQuery.extend({
  action: z
    .string()
    .regex(/^[a-z_]{1,40}$/, 'must be a kind of event')
    .optional(),
  user: Uuid.optional(),
})

/**
 * A security-relevant event, of kinds too that only another release knows. Names are those of today, null where the account is gone; none is kept
 * in the event itself. `by_operator`: by whoever runs the machine. `phrase_text`: of the phrase or the suggestion that it was about.
 */
export const AuditEntry = z.object({
  id: Uuid,
  action: z.string(),
  actor_id: Uuid.nullable(),
  actor_name: z.string().nullable(),
  subject_id: Uuid.nullable(),
  subject_name: z.string().nullable(),
  by_operator: z.boolean(),
  phrase_text: z.string().nullable(),
  created_at: Timestamp,
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** GET `/admin/audit`, newest first. */
export const AuditList = z.object({ events: z.array(AuditEntry), next_cursor: z.string().nullable() })
export type AuditList = z.infer<typeof AuditList>

/** GET `/admin/users`, newest first. */
export const AdminUserList = z.object({ users: z.array(AdminUser), next_cursor: z.string().nullable() })
export type AdminUserList = z.infer<typeof AdminUserList>
