// Without the schema library, so that pages can name these without loading it.

/**
 * When a phrase fits: in the first days of a run, at any time, on the day of a round number, or within a day of a reset. A closed list.
 */
export const MOODS = ['early', 'steady', 'milestone', 'after_reset'] as const

/** One of {@link MOODS}. */
export type Mood = (typeof MOODS)[number]
