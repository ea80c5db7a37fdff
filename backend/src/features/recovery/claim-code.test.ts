import { randomBytes } from 'node:crypto'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimKeyOf, createClaimNonce, deriveClaimCode, hashClaimCode } from './claim-code.ts'

const key = claimKeyOf('a secret for tests of sufficient length')
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array))

describe('deriveClaimCode', () => {
  test('is four groups of four characters, none of which looks like another', () => {
    fc.assert(
      fc.property(bytes(16), (nonce) => {
        expect(deriveClaimCode(nonce, key)).toMatch(/^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}$/)
      }),
      { numRuns: propertyRuns(500) },
    )
  })

  test('is the same for every instance, and another for another nonce or another secret', () => {
    const nonce = createClaimNonce()
    const code = deriveClaimCode(nonce, claimKeyOf('a secret for tests of sufficient length'))
    expect(code).toBe(deriveClaimCode(Buffer.from(nonce), key))
    expect(code).not.toBe(deriveClaimCode(createClaimNonce(), key))
    expect(code).not.toBe(deriveClaimCode(nonce, claimKeyOf('another secret for tests, as long as the first')))
  })

  test('S21: 10,000 codes do not repeat, and use every character about as often', () => {
    const codes = Array.from({ length: 10_000 }, () => deriveClaimCode(randomBytes(16), key))
    expect(new Set(codes).size).toBe(10_000)
    const counts = Map.groupBy(codes.join('').replaceAll('-', ''), (character) => character)
    expect(counts.size).toBe(32)
    // 5,000 of each are expected, with a standard deviation of 70.
    for (const [character, found] of counts) expect([character, Math.abs(found.length - 5_000) < 500]).toEqual([character, true])
  })
})

describe('hashClaimCode', () => {
  test('does not depend on case, spaces and hyphens, and on everything else', () => {
    const code = deriveClaimCode(createClaimNonce(), key)
    const hash = hashClaimCode(code)
    for (const written of [
      code.toLowerCase(),
      code.replaceAll('-', ''),
      ` ${code.replaceAll('-', ' ')}\n`,
      code.replaceAll('-', '--'),
    ])
      expect(hashClaimCode(written)).toEqual(hash)
    for (const other of [code.slice(1), `${code}2`, code.replaceAll('-', '.'), code.toLowerCase().slice(0, -1)])
      expect(hashClaimCode(other)).not.toEqual(hash)
  })
})
