import type { SharedView } from '@kennwilliamson/contracts/sharing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { retryAfterMs, viewAfter, waitBeforeRetry } from './live-rules.ts'

const fraction = fc.double({ min: 0, max: 0.999, noNaN: true })
const counted: SharedView = {
  title: 'Lift',
  user_display_name: 'Ada',
  since: '2026-05-05T05:05:05Z',
  before_first: false,
  time_zone: 'UTC',
  phrase: null,
  share_level: 'history',
  is_listed: false,
  revision: 5,
  server_time: '2026-05-06T05:05:05Z',
}
const event = { ...counted, note: 'stuck' }
const view: SharedView = {
  ...event,
  incidents: [{ occurred_at: '2026-05-05T05:05:05Z', notes: 'stuck', corrected_at: null }],
  next_cursor: 'more',
}

describe('waitBeforeRetry', () => {
  it('is never sooner than the server wished, and never longer than 30 s of our own accord', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.option(fc.nat(600_000)), fraction, (failures, wished, random) => {
        const wait = waitBeforeRetry(failures, wished, random)
        expect(wait).toBeGreaterThanOrEqual(wished ?? 500)
        expect(wait).toBeLessThanOrEqual(Math.max(30_000, (wished ?? 0) * 1.25 + 1))
      }),
      { numRuns: propertyRuns(300) },
    )
  })

  it('grows while nothing works and is spread over half of itself', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => waitBeforeRetry(failures, null, 0))).toEqual([
      500, 1000, 2000, 4000, 8000, 15_000, 15_000,
    ])
    expect(waitBeforeRetry(6, null, 0.999)).toBeGreaterThan(29_000)
  })
})

describe('retryAfterMs', () => {
  it('takes seconds, and nothing else', () => {
    expect(['10', '999999', 'Wed, 21 Oct 2026 07:28:00 GMT', '-1', '', null].map(retryAfterMs)).toEqual([
      10_000,
      600_000,
      null,
      null,
      null,
      null,
    ])
  })
})

describe('viewAfter', () => {
  it('lets a snapshot replace what is newer, and a change only what is not', () => {
    const older = { ...event, revision: 4, title: 'Old' }
    expect(viewAfter(view, 'change', older)).toBe(view)
    expect(viewAfter(view, 'snapshot', older).title).toBe('Old')
    expect(viewAfter(view, 'change', { ...event, revision: 6, title: 'New' }).title).toBe('New')
  })

  it('keeps the list at level history alone, and nothing that the new level does not allow', () => {
    expect(viewAfter(view, 'change', { ...event, revision: 6 }).incidents).toEqual(view.incidents)
    const after = viewAfter(view, 'change', { ...counted, revision: 6, share_level: 'count' })
    expect(Object.keys(after)).not.toEqual(expect.arrayContaining(['note']))
    expect(after).not.toHaveProperty('incidents')
    expect(after).not.toHaveProperty('next_cursor')
  })
})
