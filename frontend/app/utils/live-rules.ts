import type { SharedEvent, SharedView } from '@kennwilliamson/contracts/sharing'

/** The API sends a comment every 15 s: two of them lost and a little more is a dead connection. Milliseconds. */
export const SILENCE_MS = 40_000
/** A tab that nobody sees is kept up to date for so long. Milliseconds. */
export const HIDDEN_MS = 60_000

const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/**
 * How long to wait before the next try, in milliseconds: twice as long after each that failed, at most 30 s, and anywhere in the upper
 * half of that, so that those who were thrown out together do not come back together. Never sooner than the server wished, and
 * up to a quarter later. `random` is in [0, 1).
 */
export function waitBeforeRetry(failures: number, wished: number | null, random: number): number {
  if (wished !== null && failures <= 1) return Math.round(wished * (1 + random / 4))
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10))
  return Math.round(Math.max(wished ?? 0, ceiling * (0.5 + random / 2)))
}

/** `Retry-After` in milliseconds, at most ten minutes; null when it names no seconds. */
export function retryAfterMs(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Math.min(Number(header) * 1000, 600_000) : null
}

/**
 * What is shown after an event: a snapshot replaces whatever was there, a change only what is no newer. The list does not come along:
 * what was there stays at level history, for the time being, and goes at any other.
 */
export function viewAfter(shown: SharedView, type: string, event: SharedEvent): SharedView {
  if (type !== 'snapshot' && event.revision < shown.revision) return shown
  const keepsList = event.share_level === 'history' && shown.incidents !== undefined
  return keepsList ? { ...event, incidents: shown.incidents, next_cursor: shown.next_cursor ?? null } : { ...event }
}
