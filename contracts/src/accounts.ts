import { z } from 'zod'
import { SECURITY_ACTIONS } from './audit-actions.ts'
import { DisplayName, NewPassword, TimeZone, User } from './auth.ts'
import { text, Timestamp, Uuid } from './common.ts'

/** The password one has, to prove that it is oneself. Only bounded, not judged. */
const CurrentPassword = text({ min: 1, max: 256, characters: 'any' })

/**
 * GET `/account/profile`: what one may change about oneself. A former address leads to the present one until `expires_at`, then
 * anybody may have it.
 */
export const Profile = User.extend({
  time_zone: z.string(),
  former_slugs: z.array(z.object({ slug: z.string(), expires_at: Timestamp })),
})
export type Profile = z.infer<typeof Profile>

/** PUT `/account/profile`. An absent key keeps what is there; `slug` is made an address by the same rule as a name. */
export const UpdateProfileRequest = z.object({
  display_name: DisplayName.optional(),
  slug: z
    .string()
    .transform((slug) => slug.trim())
    .pipe(text({ min: 1, max: 60 }))
    .optional(),
  time_zone: TimeZone.optional(),
})
export type UpdateProfileRequest = z.infer<typeof UpdateProfileRequest>

/** PUT `/account/password`. Signs out every other session. */
export const ChangePasswordRequest = z.object({ current_password: CurrentPassword, new_password: NewPassword })
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>

/** DELETE `/account`. */
export const DeleteAccountRequest = z.object({ password: CurrentPassword })
export type DeleteAccountRequest = z.infer<typeof DeleteAccountRequest>

/** A sign-in that lives. `current`: the one that asks. `user_agent` is the browser's own word, at most 256 characters. */
export const Session = z.object({
  id: Uuid,
  current: z.boolean(),
  user_agent: z.string().nullable(),
  ip: z.string().nullable(),
  created_at: Timestamp,
  last_used_at: Timestamp,
})
export type Session = z.infer<typeof Session>

/** GET `/auth/sessions`: the one that asks first, then the last used. */
export const SessionList = z.object({ sessions: z.array(Session) })

/** Something that happened to one's account. `by`: oneself, an administrator of the site, or whoever runs its machine. */
export const SecurityEvent = z.object({
  id: Uuid,
  action: z.enum(SECURITY_ACTIONS),
  by: z.enum(['you', 'administrator', 'operator']),
  created_at: Timestamp,
})
export type SecurityEvent = z.infer<typeof SecurityEvent>

/** GET `/account/events`, newest first. */
export const SecurityEventList = z.object({ events: z.array(SecurityEvent), next_cursor: z.string().nullable() })
export type SecurityEventList = z.infer<typeof SecurityEventList>
