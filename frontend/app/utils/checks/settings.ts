import './jitless'
import { ChangePasswordRequest, DeleteAccountRequest, UpdateProfileRequest } from '@kennwilliamson/contracts/accounts'
import { ResetPasswordRequest } from '@kennwilliamson/contracts/recovery'
import { complaints } from './issues'

/** What is wrong with a new name, address or time zone, by field. */
export function checkProfile(values: unknown): Record<string, string> {
  return complaints(UpdateProfileRequest, values)
}

/** What is wrong with a change of the password, by field. */
export function checkPasswordChange(values: unknown): Record<string, string> {
  return complaints(ChangePasswordRequest, values)
}

/** What is wrong with the password that a deletion wants, by field. */
export function checkDeletion(values: unknown): Record<string, string> {
  return complaints(DeleteAccountRequest, values)
}

/** What is wrong with a new password that is set with a link, by field. */
export function checkPasswordReset(values: unknown): Record<string, string> {
  return complaints(ResetPasswordRequest, values)
}
