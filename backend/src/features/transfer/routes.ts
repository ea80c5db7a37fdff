import { createHash } from 'node:crypto'
import { Uuid } from '@kennwilliamson/contracts/common'
import { MAX_IMPORT_BYTES } from '@kennwilliamson/contracts/limits'
import { ExportQuery, ImportOutcome, ImportQuery } from '@kennwilliamson/contracts/transfer'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { callerOf } from '../../http/guards.ts'
import { problems } from '../../http/problems.ts'
import type { App, Routes } from '../../http/schemas.ts'
import { useTextBodies, type TextBody } from '../../http/text-bodies.ts'
import type { Database } from '../../platform/database.ts'
import type { StartExport } from '../export/start-export.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import { importIncidents } from './import-incidents.ts'
import { findTransferredTimer } from './queries.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { writeCsv, writeJson } from './write-timer.ts'

const TimerPath = z.object({ id: Uuid })

/** A file of 10 MiB is 50 MB while it is read. */
const IMPORTS_AT_ONCE = 1

/** Ends the transaction of a dry run, with what would have come of it. */
class DryRun extends Error {
  readonly outcome: ImportOutcome
  constructor(outcome: ImportOutcome) {
    super('rolled back')
    this.outcome = outcome
  }
}

/** A timer's incidents as a file, out and in. Guarded by the scope they stand in. */
export function transferRoutes({ sql, startExport }: { sql: Database; startExport: StartExport }): Routes {
  let underWay = 0
  return (app, _options, done) => {
    app.get(
      '/timers/:id/export',
      {
        exposeHeadRoute: false,
        config: { notFound: 'TIMER_NOT_FOUND' },
        schema: {
          summary: 'The incidents of a timer, as a file',
          params: TimerPath,
          querystring: ExportQuery,
          response: { 200: z.string(), ...problems(400, 401, 404, 429, 503) },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { format } = request.query
        let name = ''
        const file = await startExport(userId, {
          write: async (sql) => {
            const timer = await findTransferredTimer(sql, userId, request.params.id)
            if (!timer) throw new ApiError('TIMER_NOT_FOUND')
            name = `${timer.slug}-${timer.exported_at.slice(0, 10)}.${format}`
            return format === 'csv' ? writeCsv(sql, timer) : writeJson(sql, timer)
          },
        })
        reply
          .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
          // A slug may have letters of any script (RFC 6266, RFC 8187).
          .header('content-disposition', `attachment; filename="timer.${format}"; filename*=UTF-8''${encodeURIComponent(name)}`)
        return reply.send(file as never)
      },
    )

    // The only route that takes other than JSON, and more than 64 KiB of it.
    void app.register((files: App, _filesOptions, filesDone) => {
      useTextBodies(files, ['application/json', 'text/csv'], MAX_IMPORT_BYTES)
      files.post(
        '/timers/:id/import',
        {
          bodyLimit: MAX_IMPORT_BYTES,
          config: { notFound: 'TIMER_NOT_FOUND' },
          schema: {
            summary: 'Add the incidents of a file to a timer, without those that are there',
            consumes: ['text/csv', 'application/json'],
            params: TimerPath,
            querystring: ImportQuery,
            response: { 200: ImportOutcome, ...problems(400, 401, 404, 409, 413, 415, 503) },
          },
        },
        async (request) => {
          const { userId } = callerOf(request)
          const timer = { userId, timerId: request.params.id }
          const file = request.body as TextBody | undefined
          if (!file) throw new ApiError('INVALID_INPUT', { errors: [{ path: 'file', message: 'is empty' }] })
          if (underWay >= IMPORTS_AT_ONCE) throw new ApiError('OVERLOADED', { headers: { 'retry-after': '3' } })
          underWay++
          try {
            // Whose timer it is comes first: nobody else's file is read.
            if (!(await findTransferredTimer(sql, userId, timer.timerId))) throw new ApiError('TIMER_NOT_FOUND')
            const read = await (file.type === 'text/csv' ? readCsv(file.text) : readJson(file.text))
            if (request.query.dry_run === 'true') {
              return await sql
                .begin(async (sql) => {
                  throw new DryRun(await importIncidents(sql, timer, read))
                })
                .catch((error: unknown) => {
                  if (error instanceof DryRun) return error.outcome
                  throw error
                })
            }
            const key = request.headers['idempotency-key']
            if (key === undefined) return await sql.begin((sql) => importIncidents(sql, timer, read))
            const once = {
              userId,
              route: 'POST /timers/{id}/import',
              key,
              request: [timer.timerId, file.type, createHash('sha256').update(file.text).digest('hex')],
            }
            const { body } = await answerOnce(sql, once, async (sql) => ({
              status: 200,
              body: await importIncidents(sql, timer, read),
            }))
            return body
          } finally {
            underWay--
          }
        },
      )
      filesDone()
    })
    done()
  }
}
