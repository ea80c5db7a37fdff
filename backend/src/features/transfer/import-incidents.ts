import { MAX_REFUSED_SHOWN, type ImportOutcome } from '@kennwilliamson/contracts/transfer'
import { ApiError } from '../../http/api-error.ts'
import type { Sql } from '../../platform/database.ts'
import { refuseFullTimer } from '../incidents/refusals.ts'
import type { FileRead } from './entries.ts'
import { insertIncidents, lockTimer, startEarlier } from './queries.ts'

/** Below the time within which every answer must be there. */
const WITHIN_SECONDS = 12

/**
 * Adds what a file says to a timer. To be called in a transaction: all of it is done, or nothing; a dry run is one that is rolled back.
 *
 * @throws {ApiError} TIMER_NOT_FOUND, TOO_MANY_INCIDENTS.
 */
export async function importIncidents(
  sql: Sql,
  { userId, timerId }: { userId: string; timerId: string },
  { entries, refused, startedAt }: FileRead,
): Promise<ImportOutcome> {
  if (!(await lockTimer(sql, userId, timerId, WITHIN_SECONDS))) throw new ApiError('TIMER_NOT_FOUND')
  const { added, there, future } = await insertIncidents(sql, timerId, {
    lines: entries.map(({ line }) => line),
    times: entries.map(({ at }) => at),
    isLocal: entries.map(({ isLocal }) => Number(isLocal)),
    notes: entries.map(({ notes }) => notes),
    corrected: entries.map(({ correctedAt }) => correctedAt),
  }).catch(refuseFullTimer)
  const started = await startEarlier(sql, timerId, startedAt)
  if (started === null) throw new ApiError('TIMER_NOT_FOUND')
  const all = [...refused, ...future.map((line) => ({ line, reason: 'lies in the future' }))].sort((a, b) => a.line - b.line)
  return {
    added,
    duplicates: there,
    refused: all.slice(0, MAX_REFUSED_SHOWN),
    refused_count: all.length,
    started_at: started,
  }
}
