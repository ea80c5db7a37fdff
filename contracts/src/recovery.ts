import { z } from 'zod'
import { NewPassword } from './auth.ts'
import { Timestamp } from './common.ts'

/**
 * POST `/auth/claim`: the code from the log. 16 characters without those that look alike (80 random bits), read without case,
 * spaces and hyphens.
 */
export const ClaimRequest = z.object({ code: z.string().max(64) })
export type ClaimRequest = z.infer<typeof ClaimRequest>

/** POST `/auth/reset-password`: the part of the link behind `#`, and the password to have from now on. */
export const ResetPasswordRequest = z.object({ token: z.string().max(128), new_password: NewPassword })
export type ResetPasswordRequest = z.infer<typeof ResetPasswordRequest>

/** A link with which its holder sets a new password, once, until `expires_at`. Making one voids the one before it. */
export const ResetLink = z.object({ url: z.string(), expires_at: Timestamp })
export type ResetLink = z.infer<typeof ResetLink>
