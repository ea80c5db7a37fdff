import type { Sql } from '../../platform/database.ts'

const SWEEP_LOCK = 7_101_918

/** True for one transaction at a time over all instances; held until it ends. */
export async function takeSweepLock(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ taken: boolean | null }[]>`select pg_try_advisory_xact_lock(${SWEEP_LOCK}::bigint) as taken`
  return row?.taken ?? false
}
