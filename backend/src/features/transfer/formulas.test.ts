import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { expect, test } from 'vitest'
import { makeSafe, takeBack } from './formulas.ts'

/** Text with much of what matters at its beginning. */
const text = fc
  .tuple(fc.array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', ' ', 'a')), fc.string())
  .map(([signs, rest]) => signs.join('') + rest)

test('no cell begins as a formula does, and every text comes back as it was', () => {
  fc.assert(
    fc.property(text, (given) => {
      const cell = makeSafe(given)
      expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      expect(takeBack(cell)).toBe(given)
    }),
    { numRuns: propertyRuns(2_000) },
  )
})

test.each([
  ['=1+1', "'=1+1"],
  ["'=1+1", "''=1+1"],
  ['-5 °C', "'-5 °C"],
  ["it's fine", "it's fine"],
  ["'quoted'", "'quoted'"],
  ['', ''],
])('%j is written %j', (given, cell) => {
  expect([makeSafe(given), takeBack(cell)]).toEqual([cell, given])
})
