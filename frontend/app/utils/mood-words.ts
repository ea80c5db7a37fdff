import type { Mood } from '@kennwilliamson/contracts/moods'

/** When a phrase of a mood stands over a clock. */
export const MOOD_WORDS: Record<Mood, string> = {
  steady: 'Any time',
  early: 'The first days',
  milestone: 'A round number',
  after_reset: 'After a reset',
}
