import { describe, expect, it } from 'vitest'
import { findTimeZone, listTimeZones } from './time-zones.ts'

describe('findTimeZone', () => {
  it.each([
    ['Europe/London', 'Europe/London'],
    [' europe/london ', 'Europe/London'],
    ['London', 'Europe/London'],
    ['new york', 'America/New_York'],
    ['America/New York', 'America/New_York'],
    ['utc', 'UTC'],
  ])('finds what %j means', (typed, zone) => {
    expect(findTimeZone(typed)).toBe(zone)
  })

  it.each(['', 'Atlantis', 'Europe', '../London'])('finds nothing in %j', (typed) => {
    expect(findTimeZone(typed)).toBeNull()
  })

  it('does not guess between two places of one name', () => {
    expect(findTimeZone('Springfield', ['America/Springfield', 'Europe/Springfield'])).toBeNull()
  })

  it('finds every zone by its own name', () => {
    for (const zone of listTimeZones()) expect(findTimeZone(zone)).toBe(zone)
  })
})
