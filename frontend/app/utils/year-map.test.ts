import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { yearMap } from './year-map.ts'

const DAY = 86_400_000
const dayOf = (utc: number) => new Date(utc).toISOString().slice(0, 10)
const charts = (last: number, ages: number[], counted: number) => ({
  first_day: dayOf(last - 364 * DAY),
  last_day: dayOf(last),
  counted_from: dayOf(last - counted * DAY),
  days: ages.map((age) => ({ day: dayOf(last - age * DAY), incidents: 1 })).reverse(),
  runs: [],
  server_time: new Date(last).toISOString(),
})

describe('yearMap', () => {
  it('has each of 365 days once, on its weekday, and every incident', () => {
    const last = fc.integer({ min: 9_000, max: 30_000 }).map((days) => days * DAY)
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 364 }), { maxLength: 20 }).map((all) => all.sort((a, b) => a - b))
    fc.assert(
      fc.property(last, ages, (last, ages) => {
        const { cells } = yearMap(charts(last, ages, 364), 'UTC')
        expect(new Set(cells.map(({ day }) => day)).size).toBe(365)
        expect(new Set(cells.map(({ week, weekday }) => week * 7 + weekday)).size).toBe(365)
        for (const { day, weekday } of cells) expect((new Date(day).getUTCDay() + 6) % 7).toBe(weekday)
        expect(cells.filter(({ kind }) => kind === 'incident')).toHaveLength(ages.length)
      }),
      { numRuns: propertyRuns(100) },
    )
  })

  it('says how long the run had lasted, and nothing before it counted', () => {
    const last = Date.parse('2026-07-10T00:00:00Z')
    const { cells } = yearMap(charts(last, [100], 200), 'UTC')
    const kindAt = (age: number) => cells.find(({ day }) => day === dayOf(last - age * DAY))?.kind
    expect([201, 200, 193, 192, 101, 100, 93, 92, 0].map(kindAt)).toEqual([
      'none',
      'week',
      'week',
      'month',
      'longer',
      'incident',
      'week',
      'month',
      'longer',
    ])
  })
})
