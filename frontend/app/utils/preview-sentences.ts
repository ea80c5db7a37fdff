import type { Stats } from '@kennwilliamson/contracts/incidents'
import { longSpan } from './long-span'

/** What a reset would do, in two sentences. */
export interface PreviewSentences {
  clock: string
  record: string
}

/**
 * What a reset would do, from the figures of now and those that it would give. `backdated` is a reset at a past time, which may lie before
 * the newest incident: then the clock goes on.
 */
export function previewSentences(before: Stats, after: Stats, backdated: boolean): PreviewSentences {
  return { clock: clockSentence(before, after, backdated), record: recordSentence(before, after) }
}

/** Between the two answers some seconds pass, by which the current run grows. */
function isShorter(before: Stats, after: Stats): boolean {
  return after.current_run_seconds < before.current_run_seconds
}

function clockSentence(before: Stats, after: Stats, backdated: boolean): string {
  if (!backdated) return `The clock would begin at zero, and end a run of ${longSpan(before.current_run_seconds)}.`
  if (!isShorter(before, after)) return 'The clock would go on as it is: this lies before the last incident.'
  return `The clock would show ${longSpan(after.current_run_seconds)} instead of ${longSpan(before.current_run_seconds)}.`
}

function recordSentence(before: Stats, after: Stats): string {
  if (after.record_seconds === null) return 'There would be no record yet.'
  const [was, is] = [longSpan(before.record_seconds ?? 0), longSpan(after.record_seconds)]
  if (before.record_is_current && !after.record_is_current && was === is) return `This run would be your record: ${is}.`
  if (was === is) return `Your record would stay ${is}.`
  return (before.record_seconds ?? 0) > after.record_seconds
    ? `Your record would fall from ${was} to ${is}.`
    : `Your record would be ${is}.`
}
