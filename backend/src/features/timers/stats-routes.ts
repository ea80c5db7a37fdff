import { Uuid } from '@kennwilliamson/contracts/common'
import { Charts, Stats } from '@kennwilliamson/contracts/incidents'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { findChartDays, listBusyDays, listNewestRuns } from '../statistics/queries.ts'
import { hasTimer } from './queries.ts'
import { findStats } from './stats.ts'

const TimerPath = z.object({ id: Uuid })

/** The figures of one's timers, and what their charts are drawn of. Guarded by the scope they stand in. */
export function statsRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/timers/:id/stats',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: { summary: 'The figures of a timer', params: TimerPath, response: { 200: Stats, ...problems(401, 404, 503) } },
      },
      async (request) => {
        const isTheirs = await hasTimer(sql, callerOf(request).userId, request.params.id)
        const stats = isTheirs ? await findStats(sql, request.params.id) : null
        if (!stats) throw new ApiError('TIMER_NOT_FOUND')
        return stats
      },
    )

    app.get(
      '/timers/:id/charts',
      {
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'What the charts of a timer are drawn of',
          params: TimerPath,
          response: { 200: Charts, ...problems(401, 404, 503) },
        },
      },
      async (request) => {
        const { id } = request.params
        const isTheirs = await hasTimer(sql, callerOf(request).userId, id)
        // Of one moment: a reset between the statements would show in one of them alone.
        const charts = await sql.begin('isolation level repeatable read read only', async (sql) => {
          const frame = isTheirs ? await findChartDays(sql, id) : null
          if (!frame) return null
          return { ...frame, days: await listBusyDays(sql, id, frame.first_day), runs: await listNewestRuns(sql, id) }
        })
        if (!charts) throw new ApiError('TIMER_NOT_FOUND')
        return charts
      },
    )
    done()
  }
}
