import './jitless'
import { LoginRequest, RegisterRequest } from '@kennwilliamson/contracts/auth'
import { complaints } from './issues'

/** What is wrong with a sign-up form, by field. */
export function checkRegistration(values: { email: string; [field: string]: unknown }): Record<string, string> {
  return { ...complaints(RegisterRequest, values), ...(values.email.trim() ? {} : { email: 'must not be empty' }) }
}

/** What is wrong with a sign-in form, by field. */
export function checkLogin(values: unknown): Record<string, string> {
  return complaints(LoginRequest, values)
}
