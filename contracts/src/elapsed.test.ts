import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { describe, expect, it } from 'vitest'
import { elapsedParts, elapsedRoughly, elapsedSentence, PART_NAMES, shownParts, type ElapsedParts } from './elapsed.ts'

/** Zones with every oddity: half and quarter hours, midnight changes, whole days left out, no daylight saving, southern summers. */
const ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Europe/Amsterdam',
  'Europe/Dublin',
  'Europe/Moscow',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Caracas',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Tokyo',
  'Asia/Gaza',
  'Asia/Amman',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kwajalein',
  'Antarctica/Troll',
]

const zero: ElapsedParts = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }

function between(from: string, to: string, zone: string): ElapsedParts {
  return elapsedParts(Date.parse(from), Date.parse(to), zone)
}

/** The oracle: where the start arrives when the parts are counted from it. */
function arrive(since: number, parts: ElapsedParts, zone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(since).toZonedDateTimeISO(zone).add(parts).epochMilliseconds
}

const zone = fc.constantFrom(...ZONES)
const at = (from: string, to: string) => fc.integer({ min: Date.parse(from), max: Date.parse(to) })
/** Times near the changes of the clock, where mistakes live: every hour of the weeks in which most zones change. */
const nearChange = fc
  .tuple(fc.integer({ min: 1995, max: 2030 }), fc.constantFrom(2, 3, 8, 9, 10), fc.integer({ min: 0, max: 45 * 86_400 }))
  .map(([year, month, second]) => Date.UTC(year, month, 1) + second * 1000)
const instant = fc.oneof(at('1970-01-02T00:00:00Z', '2037-12-31T00:00:00Z'), nearChange, nearChange)

describe('elapsedParts', () => {
  it('arrives at now when its parts are counted from the start', () => {
    fc.assert(
      fc.property(zone, instant, instant, (zone, a, b) => {
        const [since, now] = a < b ? [a, b] : [b, a]
        const rest = now - arrive(since, elapsedParts(since, now, zone), zone)
        expect(rest).toBeGreaterThanOrEqual(0)
        expect(rest).toBeLessThan(1000)
      }),
      { numRuns: propertyRuns(4000) },
    )
  })

  it('arrives at now over short runs around changes of the clock', () => {
    fc.assert(
      fc.property(zone, nearChange, fc.integer({ min: 0, max: 70 * 86_400_000 }), (zone, since, length) => {
        const rest = since + length - arrive(since, elapsedParts(since, since + length, zone), zone)
        expect(rest).toBeGreaterThanOrEqual(0)
        expect(rest).toBeLessThan(1000)
      }),
      { numRuns: propertyRuns(4000) },
    )
  })

  it('arrives at now over all years that a time can have', () => {
    fc.assert(
      fc.property(
        zone,
        at('1000-01-02T00:00:00Z', '9998-12-30T00:00:00Z'),
        at('1000-01-02T00:00:00Z', '9998-12-30T00:00:00Z'),
        (zone, a, b) => {
          const [since, now] = a < b ? [a, b] : [b, a]
          const rest = now - arrive(since, elapsedParts(since, now, zone), zone)
          expect(rest).toBeGreaterThanOrEqual(0)
          expect(rest).toBeLessThan(1000)
        },
      ),
      { numRuns: propertyRuns(2000) },
    )
  })

  it('never runs backwards', () => {
    fc.assert(
      fc.property(
        zone,
        nearChange,
        fc.integer({ min: 0, max: 400 * 86_400_000 }),
        fc.integer({ min: 0, max: 7_200_000 }),
        (zone, since, length, step) => {
          const earlier = elapsedParts(since, since + length, zone)
          const later = elapsedParts(since, since + length + step, zone)
          const changed = PART_NAMES.find((name) => earlier[name] !== later[name])
          if (changed) expect(later[changed]).toBeGreaterThan(earlier[changed])
        },
      ),
      { numRuns: propertyRuns(4000) },
    )
  })

  it('keeps every part in its range', () => {
    fc.assert(
      fc.property(zone, instant, instant, (zone, a, b) => {
        const parts = elapsedParts(Math.min(a, b), Math.max(a, b), zone)
        for (const name of PART_NAMES) expect(Number.isInteger(parts[name]) && parts[name] >= 0).toBe(true)
        expect(parts.months).toBeLessThan(12)
        expect(parts.weeks).toBeLessThan(5)
        expect(parts.days).toBeLessThan(7)
        expect(parts.hours).toBeLessThan(48)
        expect(parts.minutes).toBeLessThan(60)
        expect(parts.seconds).toBeLessThan(60)
      }),
      { numRuns: propertyRuns(2000) },
    )
  })

  it('is all zero at the start and before it', () => {
    expect(between('2026-07-05T13:58:04Z', '2026-07-05T13:58:04Z', 'Europe/London')).toEqual(zero)
    expect(between('2026-07-05T13:58:04Z', '2026-07-05T13:58:03Z', 'Europe/London')).toEqual(zero)
  })

  it('counts a day of 23 hours as a day', () => {
    expect(between('2026-03-28T12:00:00Z', '2026-03-29T11:00:00Z', 'Europe/London')).toEqual({ ...zero, days: 1 })
    expect(between('2026-03-28T12:00:00Z', '2026-03-29T10:59:59Z', 'Europe/London')).toEqual({
      ...zero,
      hours: 22,
      minutes: 59,
      seconds: 59,
    })
  })

  it('counts a day of 25 hours as a day, and its hours up to 24', () => {
    expect(between('2026-10-24T11:00:00Z', '2026-10-25T12:00:00Z', 'Europe/London')).toEqual({ ...zero, days: 1 })
    expect(between('2026-10-24T11:00:00Z', '2026-10-25T11:59:59Z', 'Europe/London')).toEqual({
      ...zero,
      hours: 24,
      minutes: 59,
      seconds: 59,
    })
  })

  it('starts from the second of two equal wall times when that was the time', () => {
    expect(between('2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z', 'Europe/London')).toEqual({ ...zero, hours: 1 })
  })

  it('does not fall back from a day already counted while the clock repeats an hour', () => {
    expect(between('2026-10-24T00:30:00Z', '2026-10-25T01:10:00Z', 'Europe/London')).toEqual({ ...zero, days: 1, minutes: 40 })
  })

  it('passes over a day that the zone left out', () => {
    expect(between('2011-12-29T20:00:00Z', '2011-12-30T20:00:00Z', 'Pacific/Apia')).toEqual({ ...zero, days: 2 })
  })

  it('counts from 29 February to 1 March as a year and a day', () => {
    expect(between('2024-02-29T12:00:00Z', '2025-02-28T12:00:00Z', 'UTC')).toEqual({ ...zero, months: 11, weeks: 4, days: 2 })
    expect(between('2024-02-29T12:00:00Z', '2025-03-01T12:00:00Z', 'UTC')).toEqual({ ...zero, years: 1, days: 1 })
    expect(between('2024-02-29T12:00:00Z', '2028-02-29T12:00:00Z', 'UTC')).toEqual({ ...zero, years: 4 })
  })

  it('counts from the last day of a long month', () => {
    expect(between('2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z', 'UTC')).toEqual({ ...zero, weeks: 4 })
    expect(between('2026-01-31T00:00:00Z', '2026-03-01T00:00:00Z', 'UTC')).toEqual({ ...zero, months: 1, days: 1 })
  })

  it('cuts fractions of a second, also those of the start', () => {
    expect(between('2026-07-05T13:58:04.900Z', '2026-07-05T13:58:05.899Z', 'UTC')).toEqual(zero)
    expect(between('2026-07-05T13:58:04.900Z', '2026-07-05T13:58:05.900Z', 'UTC')).toEqual({ ...zero, seconds: 1 })
    expect(between('2026-07-05T13:58:04.900Z', '2026-07-06T13:58:04.899Z', 'UTC')).toEqual({
      ...zero,
      hours: 23,
      minutes: 59,
      seconds: 59,
    })
  })
})

describe('shownParts', () => {
  it('leaves out the zeros on the left only', () => {
    expect(shownParts({ ...zero, weeks: 1, hours: 3 })).toEqual(['weeks', 'days', 'hours', 'minutes', 'seconds'])
  })

  it('always shows minutes and seconds', () => {
    expect(shownParts(zero)).toEqual(['minutes', 'seconds'])
    expect(shownParts({ ...zero, seconds: 7 })).toEqual(['minutes', 'seconds'])
  })
})

describe('elapsedSentence', () => {
  it('names what is there, singular and plural', () => {
    expect(elapsedSentence({ ...zero, years: 1, weeks: 2, days: 1, minutes: 5, seconds: 9 })).toBe(
      '1 year, 2 weeks, 1 day and 5 minutes',
    )
    expect(elapsedSentence({ ...zero, hours: 1 })).toBe('1 hour')
  })

  it('does not count seconds aloud', () => {
    expect(elapsedSentence({ ...zero, seconds: 59 })).toBe('less than a minute')
  })
})

describe('elapsedRoughly', () => {
  const parts = fc.record(
    Object.fromEntries(PART_NAMES.map((name) => [name, fc.nat(11)])) as Record<keyof ElapsedParts, fc.Arbitrary<number>>,
  )
  it('says one unit with its number, and never more than has passed', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const said = elapsedRoughly(given)
        if (said === 'less than a minute') {
          expect(PART_NAMES.slice(0, -1).every((name) => given[name] === 0)).toBe(true)
          return
        }
        const [, count, unit] = /^(\d+) (year|month|week|day|hour|minute)(s?)$/.exec(said) ?? []
        expect(Number(count)).toBeGreaterThan(0)
        expect(said.endsWith('s')).toBe(count !== '1')
        const name = `${unit ?? ''}s` as keyof ElapsedParts
        expect(name === 'days' ? given.weeks * 7 + given.days : given[name]).toBe(Number(count))
        for (const larger of PART_NAMES.slice(0, PART_NAMES.indexOf(name)).filter((one) => one !== 'weeks'))
          expect(given[larger]).toBe(0)
      }),
      { numRuns: propertyRuns(500) },
    )
  })
})
