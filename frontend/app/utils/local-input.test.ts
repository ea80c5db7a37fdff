import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromLocalInput, toLocalInput } from './local-input.ts'

describe('toLocalInput', () => {
  it("shows the owner's wall clock, not the device's", () => {
    expect(toLocalInput('2026-07-05T13:58:04.123456Z', 'Europe/London')).toBe('2026-07-05T14:58:04')
    expect(toLocalInput('2026-07-05T13:58:04Z', 'America/New_York')).toBe('2026-07-05T09:58:04')
  })
})

describe('fromLocalInput', () => {
  it("reads the owner's wall clock", () => {
    expect(fromLocalInput('2026-07-05T14:58', 'Europe/London')).toBe('2026-07-05T13:58:00.000Z')
    expect(fromLocalInput('2026-12-05T14:58:30', 'Europe/London')).toBe('2026-12-05T14:58:30.000Z')
  })

  it('reads a time that the clock leapt over as one after the leap', () => {
    expect(fromLocalInput('2026-03-29T01:30', 'Europe/London')).toBe('2026-03-29T01:30:00.000Z')
  })

  it.each(['', 'yesterday', '2026-07-05', '0999-01-01T00:00', '12026-07-05T14:58', '2026-07-05 14:58'])(
    'finds no time in %j',
    (text) => {
      expect(fromLocalInput(text, 'UTC')).toBeNull()
    },
  )

  it('reads back what was shown, except in the hour that comes twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000_000 }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia'),
        (second, zone) => {
          const iso = new Date(second * 1000).toISOString()
          const back = fromLocalInput(toLocalInput(iso, zone), zone)
          expect(Math.abs(Date.parse(back ?? '') - second * 1000)).toBeLessThanOrEqual(3_600_000)
          expect(toLocalInput(back ?? '', zone)).toBe(toLocalInput(iso, zone))
        },
      ),
    )
  })
})
