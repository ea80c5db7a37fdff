import { z } from 'zod'
import { text, Timestamp, Uuid } from './common.ts'
import { ShareLevel } from './share-levels.ts'

/** What a user may be. `admin` is added to `user`, never instead of it. */
export const ROLES = ['user', 'admin'] as const

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number]

/** An account as its owner sees it. */
export const User = z.object({
  id: Uuid,
  email: z.string(),
  display_name: z.string(),
  slug: z.string(),
  roles: z.array(z.enum(ROLES)),
  created_at: Timestamp,
})
export type User = z.infer<typeof User>

/**
 * An e-mail address: at most 254 characters (RFC 5321), ASCII only, surrounding space removed. Addresses are the same
 * mailbox when they are equal without case; dots and `+tags` count as different.
 */
export const Email = z.string().trim().max(254, 'must have at most 254 characters').pipe(z.email('must be an e-mail address'))

/** 8 to 256 characters of any kind (NIST SP 800-63B). What makes one too weak is the API's to say. */
export const NewPassword = text({ min: 8, max: 256, characters: 'any' })

/** The name shown on public pages: 1 to 50 characters after trimming. */
export const DisplayName = z
  .string()
  .transform((name) => name.trim())
  .pipe(text({ min: 1, max: 50 }))

/**
 * An IANA time zone that this runtime knows, such as `Europe/London`, in the runtime's own spelling: other names of a zone, and
 * abbreviations that databases read as something else, become that one.
 */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+\-/]*$/, 'must be the name of a time zone, such as Europe/London')
  .transform((zone, context) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
    } catch {
      context.addIssue({ code: 'custom', message: 'must be the name of a time zone, such as Europe/London' })
      return z.NEVER
    }
  })

/** POST `/auth/register`. */
export const RegisterRequest = z.object({
  email: Email,
  password: NewPassword,
  display_name: DisplayName,
  share_level: ShareLevel.default('count'),
  time_zone: TimeZone.default('UTC'),
})
export type RegisterRequest = z.infer<typeof RegisterRequest>

/** POST `/auth/login`. Only bounded, not judged: a wrong address and a wrong password must look the same. */
export const LoginRequest = z.object({
  // No account has an address beyond ASCII, and databases differ in how they fold the case of one.
  email: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(254)
    .regex(/^[\x21-\x7e]*$/, 'must be an e-mail address'),
  password: text({ min: 1, max: 256, characters: 'any' }),
})
export type LoginRequest = z.infer<typeof LoginRequest>

/** What sign-up, sign-in and refresh answer. `token` is the access JWT, `refresh_token` 64 hex characters. */
export const SessionAnswer = z.object({ token: z.string(), refresh_token: z.string(), user: User })
export type SessionAnswer = z.infer<typeof SessionAnswer>

/** POST `/auth/refresh` and `/auth/revoke`. Any string is well formed; only a known one is accepted. */
export const RefreshTokenRequest = z.object({ refresh_token: z.string().max(1024) })

/** POST `/auth/preview-slug`. */
export const PreviewSlugRequest = z.object({ display_name: DisplayName })

/** The address a name would get: `slug` as made from the name, `final_slug` as it would be given now. */
export const SlugPreview = z.object({ slug: z.string(), available: z.boolean(), final_slug: z.string() })
export type SlugPreview = z.infer<typeof SlugPreview>

/** GET `/auth/registration`: whether anybody new may sign up. */
export const RegistrationState = z.object({ open: z.boolean() })
export type RegistrationState = z.infer<typeof RegistrationState>
