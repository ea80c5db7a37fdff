import { dictionary } from '@zxcvbn-ts/language-common'
import { describe, expect, test } from 'vitest'
import { weaknessOf } from './password-rules.ts'

const account = { email: 'ada.lovelace@example.org', siteName: 'KennWilliamson.org' }
const weakness = (password: string) => weaknessOf(password, account)

describe('A05: what is too easy to guess', () => {
  test('every common password that is long enough, in any case and width', () => {
    const long = dictionary.passwords.filter((password) => password.length >= 8)
    expect(dictionary.passwords.length).toBeGreaterThan(3_000)
    for (const password of long) expect(weakness(password), password).toBe('is one of the most common passwords')
    for (const password of ['PASSWORD1', 'QwertyUiop', 'ｉｌｏｖｅｙｏｕ', '12345678', 'Football'])
      expect(weakness(password), password).toBe('is one of the most common passwords')
  })

  test.each([
    ['the name in one’s address', 'my-ADA.Lovelace-99', 'must not contain your e-mail address'],
    ['the site’s name', 'i like kenn williamson', 'must not contain the name of this site'],
    ['the site’s name with its ending', 'KENNWILLIAMSON.ORG', 'must not contain the name of this site'],
  ])('%s', (_what, password, why) => {
    expect(weakness(password)).toBe(why)
  })

  test('and nothing else: a short name in an address or of a site may be in a word', () => {
    expect(weakness('a quiet day in the north')).toBeNull()
    expect(weaknessOf('alexandria by the sea', { email: 'lex@example.org', siteName: 'By' })).toBeNull()
  })
})
