import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { expect, it } from 'vitest'
import { grouped } from './grouped.ts'

it('says whole numbers as the formatter of the runtime does', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e15 }), fc.nat({ max: 15 }), (count, digits) => {
      const shorter = Math.floor(count / 10 ** digits)
      expect(grouped(shorter)).toBe(shorter.toLocaleString('en'))
    }),
    { numRuns: propertyRuns(1000) },
  )
})
