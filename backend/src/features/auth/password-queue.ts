import pLimit from 'p-limit'
import { ApiError } from '../../http/api-error.ts'

/** Does the work when its turn has come. @throws {ApiError} OVERLOADED with `Retry-After` when too many wait already. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** A queue for work that takes memory and processor: `atOnce` are done side by side, `waiting` more wait, all others are refused. */
export function createPasswordQueue({ atOnce, waiting }: { atOnce: number; waiting: number }): InTurn {
  const limit = pLimit(atOnce)
  return async (work) => {
    if (limit.activeCount + limit.pendingCount >= atOnce + waiting)
      throw new ApiError('OVERLOADED', { headers: { 'retry-after': '1' } })
    return await limit(work)
  }
}
