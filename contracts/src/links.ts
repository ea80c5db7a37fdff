import { z } from 'zod'
import { Timestamp, TimestampInput, Uuid } from './common.ts'
import { SHARE_LEVELS } from './share-levels.ts'

/** Secret links a timer may have at once, expired ones included until they are revoked or swept. */
export const MAX_LINKS = 20

const LinkLevel = z.enum(SHARE_LEVELS).exclude(['private'])

/** A secret link without its secret, of which only a hash is kept. `last_used_at` is right to the minute. */
export const SecretLink = z.object({
  id: Uuid,
  share_level: LinkLevel,
  expires_at: Timestamp.nullable(),
  last_used_at: Timestamp.nullable(),
  created_at: Timestamp,
})
export type SecretLink = z.infer<typeof SecretLink>

/** GET `/timers/{id}/links`: newest first. */
export const SecretLinkList = z.object({ links: z.array(SecretLink) })
export type SecretLinkList = z.infer<typeof SecretLinkList>

/** POST `/timers/{id}/links`. Without `expires_at` it is good until it is revoked. */
export const CreateLinkRequest = z.object({ share_level: LinkLevel, expires_at: TimestampInput.nullish() })
export type CreateLinkRequest = z.infer<typeof CreateLinkRequest>

/** The answer to it: the only time that the whole `url` is shown. */
export const NewSecretLink = SecretLink.extend({ url: z.string() })
export type NewSecretLink = z.infer<typeof NewSecretLink>
