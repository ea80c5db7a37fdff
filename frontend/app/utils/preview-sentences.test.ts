import { describe, expect, it } from 'vitest'
import { previewSentences } from './preview-sentences.ts'

const DAY = 86_400
const stats = (current: number, record: number | null, isCurrent: boolean) => ({
  current_run_seconds: current,
  record_seconds: record,
  record_is_current: isCurrent,
  completed_runs: 1,
  average_run_seconds: 1,
  incident_free_days: { d30: 1, d90: 1, d365: 1 },
})

describe('previewSentences', () => {
  it('of a reset now', () => {
    expect(previewSentences(stats(9 * DAY, 20 * DAY, false), stats(0, 20 * DAY, false), false)).toEqual({
      clock: 'The clock would begin at zero, and end a run of 9 days.',
      record: 'Your record would stay 20 days.',
    })
    expect(previewSentences(stats(9 * DAY, 9 * DAY, true), stats(0, 9 * DAY, false), false).record).toBe(
      'This run would be your record: 9 days.',
    )
  })

  it('of one before the last incident, which leaves the clock as it is', () => {
    expect(previewSentences(stats(9 * DAY, 20 * DAY, false), stats(9 * DAY + 2, 12 * DAY, false), true)).toEqual({
      clock: 'The clock would go on as it is: this lies before the last incident.',
      record: 'Your record would fall from 20 days to 12 days.',
    })
  })

  it('of a longer record, for one that lies before counting began', () => {
    expect(previewSentences(stats(DAY, DAY, true), stats(DAY, 5 * DAY, false), true).record).toBe('Your record would be 5 days.')
  })
})
