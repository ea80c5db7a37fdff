import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longSpan } from './long-span.ts'

const SIZES: Record<string, number> = { day: 86_400, hour: 3_600, minute: 60 }
const secondsOf = (words: string) =>
  [...words.matchAll(/([\d,]+) (day|hour|minute)/g)].reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count.replaceAll(',', '')) * (SIZES[unit] ?? NaN),
    0,
  )

describe('longSpan', () => {
  it('names the two largest units', () => {
    expect([0, 59, 60, 3_600, 3_661, 90_000, 86_460].map(longSpan)).toEqual([
      'less than a minute',
      'less than a minute',
      '1 minute',
      '1 hour',
      '1 hour and 1 minute',
      '1 day and 1 hour',
      '1 day',
    ])
  })

  it('is never longer than the time, and short of it by less than the smaller unit said or left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 2_000_000_000 }), (seconds) => {
        const said = secondsOf(longSpan(seconds))
        expect(said).toBeLessThanOrEqual(seconds)
        expect(seconds - said).toBeLessThan(seconds >= 86_400 ? 3_600 : 60)
      }),
      { numRuns: propertyRuns(1000) },
    )
  })
})
