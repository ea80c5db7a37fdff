import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { buildApp } from './app.ts'
import { ConfigError, readConfig, type Config } from './config.ts'
import { createAccessTokens } from './features/auth/access-tokens.ts'
import { listRevokedSessions } from './features/auth/queries.ts'
import { refreshKeyOf } from './features/auth/refresh-tokens.ts'
import { createRevokedSessions } from './features/auth/revoked-sessions.ts'
import { sweep } from './features/sweeps/sweep.ts'
import { openDatabase } from './platform/database.ts'
import { startJobs } from './platform/jobs.ts'

/** A stop that takes longer than this is cut short. */
const STOP_WITHIN_MS = 10_000

function configOrExit(): Config {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`Settings:\n${error.problems.map((problem) => `  ${problem}\n`).join('')}`)
    process.exit(1)
  }
}

const config = configOrExit()
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const sql = openDatabase(config.databaseUrl)
const markSeconds = 2 * config.accessTokenSeconds
const revoked = createRevokedSessions(markSeconds)
const state = { draining: false }
const [firstSecret, ...moreSecrets] = config.jwtSecrets as [string, ...string[]]
const app = buildApp({
  config,
  sql,
  revoked,
  state,
  version,
  tokens: createAccessTokens({ secrets: config.jwtSecrets, issuer: config.siteUrl, lifetimeSeconds: config.accessTokenSeconds }),
  refreshKeys: [refreshKeyOf(firstSecret), ...moreSecrets.map(refreshKeyOf)],
})

const stopJobs = startJobs(
  [
    {
      name: 'sweep',
      everySeconds: 300,
      run: async () => {
        revoked.sweep()
        await sweep(sql, markSeconds)
      },
    },
  ],
  (job, error) => {
    app.log.warn({ err: error, job }, 'job failed')
  },
)

/** Ready turns 503 first; then nothing new is accepted, what is under way finishes, and the pool closes. */
async function stop(signal: string): Promise<void> {
  if (state.draining) return
  state.draining = true
  app.log.info({ signal }, 'stopping')
  void setTimeout(STOP_WITHIN_MS, null, { ref: false }).then(() => {
    app.log.error('did not stop in time')
    process.exit(1)
  })
  stopJobs()
  await app.close()
  await sql.end({ timeout: 2 })
  process.exit(0)
}

function fail(kind: string): (error: unknown) => void {
  return (error) => {
    app.log.fatal({ err: error }, kind)
    process.exit(1)
  }
}

process.on('SIGTERM', (signal) => void stop(signal))
process.on('SIGINT', (signal) => void stop(signal))
process.on('uncaughtException', fail('uncaught exception'))
process.on('unhandledRejection', fail('unhandled rejection'))

await app.listen({ host: config.host, port: config.port })

// An instance that has just started must refuse revoked tokens too. Until it knows them it trusts none, and is not ready; a
// database that is away at the start is waited for, since a process that ends because of it would only be started again.
while (!revoked.isLoaded() && !state.draining) {
  try {
    revoked.load(await listRevokedSessions(sql, markSeconds))
  } catch (error) {
    app.log.warn({ err: error }, 'waiting for the database')
    await setTimeout(500)
  }
}
