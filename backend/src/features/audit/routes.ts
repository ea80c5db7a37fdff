import { SecurityEventList } from '@kennwilliamson/contracts/accounts'
import { Uuid } from '@kennwilliamson/contracts/common'
import { PAGE_SIZE, PageQuery } from '@kennwilliamson/contracts/paging'
import { z } from 'zod'
import { callerOf } from '../../http/guards.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { listSecurityEvents } from './queries.ts'

/** What has happened to one's account. Guarded by the scope they stand in. */
export function securityEventRoutes({ sql }: { sql: Database }): Routes {
  return (app, _options, done) => {
    app.get(
      '/account/events',
      {
        schema: {
          summary: 'What has happened to my account, newest first',
          querystring: PageQuery,
          response: { 200: SecurityEventList, ...problems(400, 401, 503) },
        },
      },
      async (request) => {
        const { cursor, limit = PAGE_SIZE } = request.query
        const [before = null] = readCursor(cursor, z.tuple([Uuid])) ?? []
        const read = await listSecurityEvents(sql, callerOf(request).userId, { before, limit: limit + 1 })
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        return { events: rows, next_cursor }
      },
    )
    done()
  }
}
