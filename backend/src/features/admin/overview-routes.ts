import { AdminAuditQuery, AdminStats, AuditList } from '@kennwilliamson/contracts/admin'
import { Uuid } from '@kennwilliamson/contracts/common'
import { PAGE_SIZE } from '@kennwilliamson/contracts/paging'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { cutPage, readCursor } from '../../http/paging.ts'
import { problems } from '../../http/problems.ts'
import type { Routes } from '../../http/schemas.ts'
import type { Database } from '../../platform/database.ts'
import type { ProbeCertificate } from '../metrics/certificate.ts'
import { isRegistrationOpen } from '../registration/registration.ts'
import { listAuditEntries, readInstallation } from './queries.ts'

interface Needs {
  sql: Database
  config: Config
  version: string
  /** Null where no certificate is watched. */
  probeCertificate: ProbeCertificate | null
}

/** A run of a backup, or null before the first. */
function runOf(succeeded: boolean | null, finishedAt: string | null) {
  return succeeded === null || finishedAt === null ? null : { succeeded, finished_at: finishedAt }
}

/** The installation as a whole, and what has happened in it. Guarded by the scope they stand in. */
export function overviewRoutes({ sql, config, version, probeCertificate }: Needs): Routes {
  return (app, _options, done) => {
    app.get(
      '/admin/stats',
      { schema: { summary: 'The installation at a glance', response: { 200: AdminStats, ...problems(401, 403, 503) } } },
      async () => {
        const [installation, open, ends] = await Promise.all([
          readInstallation(sql),
          isRegistrationOpen(sql, config),
          probeCertificate?.(),
        ])
        const { backup_succeeded, backup_finished_at, proof_succeeded, proof_finished_at, ...figures } = installation
        return {
          ...figures,
          migration: figures.migration ?? 0,
          version,
          registration: open ? ('open' as const) : ('closed' as const),
          registration_fixed: !config.registrationOpen,
          certificate: ends === undefined ? null : { expires_at: ends === null ? null : new Date(ends).toISOString() },
          backup: runOf(backup_succeeded, backup_finished_at),
          proof: runOf(proof_succeeded, proof_finished_at),
        }
      },
    )

    app.get(
      '/admin/audit',
      {
        schema: {
          summary: 'Security-relevant events, newest first',
          querystring: AdminAuditQuery,
          response: { 200: AuditList, ...problems(400, 401, 403, 503) },
        },
      },
      async (request) => {
        const { cursor, limit = PAGE_SIZE, action = null, user = null } = request.query
        const [before = null] = readCursor(cursor, z.tuple([Uuid])) ?? []
        const read = await listAuditEntries(sql, { action, user, before, limit: limit + 1 })
        const { rows, next_cursor } = cutPage(read, limit, ({ id }) => [id])
        return { events: rows, next_cursor }
      },
    )
    done()
  }
}
