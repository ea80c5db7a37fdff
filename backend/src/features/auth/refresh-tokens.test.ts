import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createRefreshToken, deriveSuccessor, refreshKeyOf, type RefreshToken } from './refresh-tokens.ts'

const COUNT = 10_000

/** No two are equal in either half, and each of the 256 bits is set in about half of them: within eight standard deviations. */
function expectRandom(texts: string[]): void {
  for (const half of [texts.map((text) => text.slice(0, 32)), texts.map((text) => text.slice(32))])
    expect(new Set(half).size).toBe(texts.length)
  const set = new Array<number>(256).fill(0)
  for (const text of texts) {
    for (const [at, byte] of Buffer.from(text, 'hex').entries())
      for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) set[at * 8 + bit] = (set[at * 8 + bit] ?? 0) + 1
  }
  const deviation = Math.sqrt(texts.length) / 2
  for (const count of set) expect(Math.abs(count - texts.length / 2)).toBeLessThan(8 * deviation)
}

const many = (create: () => string) => Array.from({ length: COUNT }, create)

describe('S21: 10,000 refresh tokens', () => {
  test('do not repeat, in whole or in part, and their bits are balanced', () => {
    expectRandom(many(() => createRefreshToken().text))
  })

  test('nor do the successors of each other', () => {
    const key = refreshKeyOf('a secret for tests of sufficient length')
    let token: RefreshToken = createRefreshToken()
    const secrets = many(() => (token = deriveSuccessor(token, key)).text.slice(32))
    // The first half is the family's and stays; here one that is drawn stands in for it.
    expectRandom(secrets.map((secret) => randomBytes(16).toString('hex') + secret))
  })

  test('the check is not blind: a bit that stays, and a value that comes twice, are found', () => {
    expect(() => {
      expectRandom(many(() => createRefreshToken().text.replace(/^./, (digit) => (parseInt(digit, 16) | 1).toString(16))))
    }).toThrow()
    const tokens = many(() => createRefreshToken().text)
    expect(() => {
      expectRandom([...tokens.slice(1), tokens[1] ?? ''])
    }).toThrow()
  })
})
