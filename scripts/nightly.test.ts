import { describe, expect, it } from 'vitest'
import { lastDue } from './nightly.ts'

describe('lastDue', () => {
  it.each([
    ['03:30', '2026-11-24T03:29:59.999Z', '2026-11-23T03:30:00Z'],
    ['03:30', '2026-11-24T03:30:00.000Z', '2026-11-24T03:30:00Z'],
    ['03:30', '2026-11-24T23:59:59.999Z', '2026-11-24T03:30:00Z'],
    ['00:00', '2026-11-24T00:00:00.000Z', '2026-11-24T00:00:00Z'],
    ['23:59', '2026-03-01T00:00:00.000Z', '2026-02-28T23:59:00Z'],
  ])('of %s at %s is %s', (at, now, due) => {
    expect(new Date(lastDue(at, Date.parse(now)))).toEqual(new Date(due))
  })
})
