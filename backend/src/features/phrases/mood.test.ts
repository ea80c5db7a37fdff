import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { describe, expect, test } from 'vitest'
import { luckOf, moodsOf, type CurrentRun } from './mood.ts'

const DAY = 86_400_000
const START = Date.parse('2026-03-01T10:20:30.400Z')
const runOf = (ms: number, beforeFirst = false, timerId = 'a'): CurrentRun => ({
  timerId,
  since: new Date(START).toISOString(),
  beforeFirst,
  now: new Date(START + ms).toISOString(),
})

describe('moodsOf', () => {
  test.each([
    [0, ['after_reset', 'steady']],
    [DAY - 1, ['after_reset', 'steady']],
    [DAY, ['early', 'steady']],
    [7 * DAY - 1, ['early', 'steady']],
    [7 * DAY, ['milestone', 'steady']],
    [8 * DAY - 1, ['milestone', 'steady']],
    [8 * DAY, ['steady']],
    [100 * DAY, ['milestone', 'steady']],
    [2 * 365 * DAY, ['milestone', 'steady']],
    [2 * 365 * DAY - 1, ['steady']],
  ])('%i ms after a reset: %j', (ms, moods) => {
    expect(moodsOf(runOf(ms))).toEqual(moods)
  })

  test('before the first incident the first day is one of the early ones', () => {
    expect(moodsOf(runOf(5, true))).toEqual(['early', 'steady'])
  })

  test('never cheers within 24 hours of a reset, and always has something for any time to fall back on', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: 40 * 365 * DAY }), fc.boolean(), (ms, beforeFirst) => {
        const moods = moodsOf(runOf(ms, beforeFirst))
        expect(moods.at(-1)).toBe('steady')
        if (ms < DAY) expect(moods).not.toContain('milestone')
        if (ms >= DAY) expect(moods).not.toContain('after_reset')
      }),
      { numRuns: propertyRuns(500) },
    )
  })
})

describe('luckOf', () => {
  test('is the same for a day of a run, whoever asks and when', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), fc.nat(DAY - 1), fc.nat(DAY - 1), (day, one, other) => {
        expect(luckOf(runOf(day * DAY + one))).toBe(luckOf(runOf(day * DAY + other, true)))
      }),
      { numRuns: propertyRuns(300) },
    )
  })

  test('is spread evenly over days, and over timers', () => {
    for (const lucks of [
      Array.from({ length: 5000 }, (_, day) => luckOf(runOf(day * DAY))),
      Array.from({ length: 5000 }, (_, n) => luckOf(runOf(0, false, `timer ${n}`))),
    ])
      for (let tenth = 0; tenth < 10; tenth++) {
        const within = lucks.filter((luck) => luck >= tenth / 10 && luck < (tenth + 1) / 10).length
        // Six standard deviations of 5,000 draws with a chance of a tenth.
        expect(Math.abs(within - 500)).toBeLessThan(128)
      }
  })
})
