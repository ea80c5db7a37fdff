import type { Stats } from '@kennwilliamson/contracts/incidents'
import type { Sql } from '../../platform/database.ts'
import { findFigures, type Figures } from '../statistics/queries.ts'

/**
 * The figures of a timer that is there, as of the transaction's moment, or of `at`. Whose timer it is, or who may see it, the caller has
 * asked in a query of its own. Null when the timer was deleted meanwhile.
 */
export async function findStats(sql: Sql, timerId: string, at: string | null = null): Promise<Stats | null> {
  const figures = await findFigures(sql, timerId, at)
  return figures && statsOf(figures)
}

/** The record is the longest of all runs, and of two that are equally long the earlier one: so never the current one. */
function statsOf(figures: Figures): Stats {
  const { current_us, longest_us, completed_runs, average_run_seconds } = figures
  const isCurrent = longest_us === null || current_us > longest_us
  return {
    current_run_seconds: Math.floor(current_us / 1_000_000),
    record_seconds: Math.floor((isCurrent ? current_us : longest_us) / 1_000_000),
    record_is_current: isCurrent,
    completed_runs,
    average_run_seconds,
    incident_free_days: {
      d30: Math.max(figures.counted_30 - figures.busy_30, 0),
      d90: Math.max(figures.counted_90 - figures.busy_90, 0),
      d365: Math.max(figures.counted_365 - figures.busy_365, 0),
    },
  }
}
