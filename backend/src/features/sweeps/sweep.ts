import type { Database } from '../../platform/database.ts'
import { sweepSessions } from '../auth/queries.ts'
import { sweepIdempotencyKeys } from '../idempotency/queries.ts'
import { sweepLinks } from '../links/queries.ts'
import { sweepFormerSlugs } from '../profile/queries.ts'
import { sweepResetLinks } from '../recovery/queries.ts'
import { sweepThrottle } from '../throttle/queries.ts'
import { takeSweepLock } from './queries.ts'

/** Forgets what has run out, in every table that has such. Whichever instance comes first does it; the others leave it to that one. */
export async function sweep(sql: Database, markSeconds: number): Promise<void> {
  await sql.begin(async (sql) => {
    if (!(await takeSweepLock(sql))) return
    await sweepSessions(sql, markSeconds)
    await sweepIdempotencyKeys(sql)
    await sweepThrottle(sql)
    await sweepFormerSlugs(sql)
    await sweepResetLinks(sql)
    await sweepLinks(sql)
  })
}
