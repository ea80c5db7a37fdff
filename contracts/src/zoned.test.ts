import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { describe, expect, it } from 'vitest'
import { utcToWall, wallTimeAt, wallTimeByFormat, wallTimeByTemporal, wallToUtc } from './zoned.ts'

const ZONES = Intl.supportedValuesOf('timeZone')
const fullSecond = fc
  .integer({ min: Date.UTC(1000, 0, 2) / 1000, max: Date.UTC(9998, 11, 30) / 1000 })
  .map((seconds) => seconds * 1000)

describe('wallTimeAt', () => {
  // Node 24 has no Temporal; a browser that has none reads the same.
  it.skipIf(typeof Temporal === 'undefined')(
    'reads the same with Temporal as with a formatter, in every zone and century',
    () => {
      fc.assert(
        fc.property(fullSecond, fc.constantFrom(...ZONES), (instant, zone) => {
          expect(wallTimeByTemporal(instant, zone)).toEqual(wallTimeByFormat(instant, zone))
        }),
        { numRuns: propertyRuns(4000) },
      )
    },
  )

  it('cuts fractions of a second, before 1970 too', () => {
    const wall = { year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59 }
    expect(wallTimeAt(-1, 'UTC')).toEqual(wall)
    expect(wallTimeAt(999, 'UTC')).toEqual({ year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 })
  })

  it('refuses a zone that does not exist', () => {
    expect(() => wallTimeAt(0, 'Mars/Olympus_Mons')).toThrow(RangeError)
  })

  it('gives what stands on the wall as if it were UTC, and back', () => {
    fc.assert(
      fc.property(fullSecond, (instant) => {
        expect(wallToUtc(utcToWall(instant))).toBe(instant)
      }),
      { numRuns: propertyRuns(1000) },
    )
  })
})
