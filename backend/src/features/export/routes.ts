import { AccountExport } from '@kennwilliamson/contracts/account-export'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { findExportedAccount } from './queries.ts'
import type { StartExport } from './start-export.ts'
import { writeExport } from './write-export.ts'

/** Everything that one has, to take away. Guarded by the scope they stand in. */
export function exportRoutes({ sql, startExport }: { sql: Database; startExport: StartExport }): Routes {
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
        const file = await startExport(userId, {
          // Before the moment that the export shows, so that it tells of itself; a refused one is none.
          before: () => insertAuditEvent(sql, { action: 'data_exported', actorId: userId, subjectId: userId }),
          write: async (sql) => {
            const account = await findExportedAccount(sql, userId)
            if (!account) throw new ApiError('UNAUTHENTICATED')
            return writeExport(sql, account)
          },
        })
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
