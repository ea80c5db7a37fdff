import type { Stats } from '@kennwilliamson/contracts/incidents'
import type { Database } from '../../platform/database.ts'
import { insertIncident, type TimerOf } from '../incidents/queries.ts'
import { refuseFullTimer } from '../incidents/refusals.ts'
import { findStats } from './stats.ts'

/** Thrown to leave a transaction without a trace; carries what was seen in it. */
class TakenBack extends Error {
  readonly stats: Stats | null

  constructor(stats: Stats | null) {
    super('taken back')
    this.stats = stats
  }
}

/**
 * The figures that a reset at this time would give: it is made, looked at and taken back, in one transaction, so that both go by the same
 * rules. Null when there is no such timer.
 *
 * @throws {ApiError} TOO_MANY_INCIDENTS.
 */
export async function previewStats(
  sql: Database,
  timer: TimerOf & { timerId: string },
  occurredAt: string | null,
): Promise<Stats | 'in-future' | null> {
  try {
    return await sql.begin(async (sql) => {
      const incident = await insertIncident(sql, timer, { occurredAt, notes: null }).catch(refuseFullTimer)
      if (incident === null || incident === 'in-future') return incident
      throw new TakenBack(await findStats(sql, timer.timerId))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.stats
    throw error
  }
}
