import { AccountExport } from '@kennwilliamson/contracts/account-export'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { createExports } from './start-export.ts'

/** Everything that one has, to take away. Guarded by the scope they stand in. */
export function exportRoutes({ sql }: { sql: Database }): Routes {
  const startExport = createExports(sql)
  return (app, _options, done) => {
    app.get(
      '/account/export',
      {
        exposeHeadRoute: false,
        schema: {
          summary: 'Everything that is kept about me, as a file',
          response: { 200: AccountExport, ...problems(401, 429, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const file = await startExport(userId)
        reply
          .type('application/json; charset=utf-8')
          .header('content-disposition', `attachment; filename="export-${new Date().toISOString().slice(0, 10)}.json"`)
        // Text already, written from the rows as they come: the schema is for readers and for the tests.
        return reply.send(file as never)
      },
    )
    done()
  }
}
