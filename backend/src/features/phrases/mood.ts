import { createHash } from 'node:crypto'
import type { Mood } from '@kennwilliamson/contracts/moods'

/** A run that is going on, seen at some moment. */
export interface CurrentRun {
  timerId: string
  /** When it began, RFC 3339. */
  since: string
  /** Nothing has happened yet: it runs from the start of counting. */
  beforeFirst: boolean
  /** The moment, RFC 3339. */
  now: string
}

const DAY_MS = 86_400_000
/** Whole days of a run that are days to look up, besides each full year of 365. */
const MILESTONES = new Set([7, 14, 30, 50, 100, 150, 200, 250, 300, 500, 1000, 2000, 3000, 5000, 10_000])
/** So many days are the first ones. */
const EARLY_DAYS = 7

/** Whole days of 24 hours; never less than none. */
function daysOf({ since, now }: CurrentRun): number {
  return Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / DAY_MS))
}

/**
 * Which moods fit, the best one first. In the first 24 hours after a reset nothing is cheered; what is said then, and in the first days, and
 * on the day of a round number, may also be something for any time.
 */
export function moodsOf(run: CurrentRun): Mood[] {
  const days = daysOf(run)
  if (days === 0) return [run.beforeFirst ? 'early' : 'after_reset', 'steady']
  if (MILESTONES.has(days) || days % 365 === 0) return ['milestone', 'steady']
  return days < EARLY_DAYS ? ['early', 'steady'] : ['steady']
}

/**
 * A number from 0 up to 1 that is the same for a whole day of a run, and so on every server and for everyone who looks; each day, and each
 * run, has another one.
 */
export function luckOf(run: CurrentRun): number {
  const hash = createHash('sha256')
    .update(`${run.timerId} ${Date.parse(run.since)} ${daysOf(run)}`)
    .digest()
  return hash.readUIntBE(0, 6) / 2 ** 48
}
