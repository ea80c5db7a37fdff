import { dictionary } from '@zxcvbn-ts/language-common'
import { ApiError } from '../../http/api-error.ts'

const common = new Set(dictionary.passwords.map((password) => password.toLowerCase()))

/** Letters and digits only, lower case: `Kenn-Williamson.org` and `kennwilliamsonorg` are the same name to a guesser. */
function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/**
 * Why a password is refused although it is long enough, or null (NIST SP 800-63B, 5.1.1.2; OWASP ASVS 6.2). Case is
 * ignored; the site's name counts with and without its ending.
 */
export function weaknessOf(password: string, account: { email: string; siteName: string }): string | null {
  const lower = password.normalize('NFKC').toLowerCase()
  if (common.has(lower)) return 'is one of the most common passwords'
  const local = account.email.slice(0, account.email.lastIndexOf('@')).toLowerCase()
  if (local.length >= 4 && lower.includes(local)) return 'must not contain your e-mail address'
  const [label = ''] = account.siteName.split('.')
  if (bare(label).length >= 4 && bare(lower).includes(bare(label))) return 'must not contain the name of this site'
  return null
}

/** Refuses a weak password. @throws {ApiError} PASSWORD_TOO_WEAK with the reason beside its field. */
export function refuseWeak(password: string, account: { email: string; siteName: string }, field: string): void {
  const weakness = weaknessOf(password, account)
  if (weakness) throw new ApiError('PASSWORD_TOO_WEAK', { errors: [{ path: field, message: weakness }] })
}
