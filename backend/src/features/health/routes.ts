import { Health, HealthWithDatabase, Unhealthy } from '@kennwilliamson/contracts/health'
import type { Routes } from '../../http/schemas.ts'
import { SCHEMA_VERSION, type Database } from '../../platform/database.ts'
import { ping, readSchemaVersion } from './queries.ts'

/** A database that takes longer than this to answer is away, as far as health goes. */
const PATIENCE_MS = 2_000

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('too slow'))
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

interface Needs {
  sql: Database
  version: string
  state: { draining: boolean }
  revoked: { isLoaded: () => boolean }
}

/** Alive, with its database, ready for traffic: three questions for three askers (a supervisor, a person, a balancer). */
export function healthRoutes({ sql, version, state, revoked }: Needs): Routes {
  const healthy = { status: 'healthy' as const, service: 'backend', version }

  return (app, _options, done) => {
    app.get('/health', { schema: { summary: 'The process answers', response: { 200: Health } } }, () => healthy)

    app.get(
      '/health/db',
      { schema: { summary: 'The database answers', response: { 200: HealthWithDatabase, 503: Unhealthy } } },
      async (request, reply) => {
        try {
          await within(ping(sql))
          return { ...healthy, database: 'connected' as const }
        } catch (error) {
          request.log.warn({ err: error }, 'database is away')
          return reply.status(503).send({ status: 'unhealthy', database: 'disconnected' })
        }
      },
    )

    app.get(
      '/health/ready',
      { schema: { summary: 'Ready for traffic', response: { 200: HealthWithDatabase, 503: Unhealthy } } },
      async (request, reply) => {
        try {
          const schema = await within(readSchemaVersion(sql))
          if (!state.draining && revoked.isLoaded() && schema >= SCHEMA_VERSION)
            return { ...healthy, database: 'connected' as const }
          request.log.info({ draining: state.draining, schema, wanted: SCHEMA_VERSION }, 'not ready')
          return await reply.status(503).send({ status: 'unhealthy', database: 'connected' })
        } catch (error) {
          request.log.warn({ err: error }, 'database is away')
          return reply.status(503).send({ status: 'unhealthy', database: 'disconnected' })
        }
      },
    )
    done()
  }
}
