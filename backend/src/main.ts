import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { buildApp } from './app.ts'
import { ConfigError, readConfig, type Config } from './config.ts'
import { createAccessTokens } from './features/auth/access-tokens.ts'
import { hearRevocations } from './features/auth/hear-revocations.ts'
import { refreshKeyOf } from './features/auth/refresh-tokens.ts'
import { createRevokedSessions } from './features/auth/revoked-sessions.ts'
import { createCertificateProbe } from './features/metrics/certificate.ts'
import type { Metrics } from './features/metrics/registry.ts'
import { provideFirstAdministrator } from './features/recovery/first-administrator.ts'
import { createCards } from './features/sharing/cards.ts'
import { createLive } from './features/sharing/live.ts'
import { listenToTimerChanges } from './features/sharing/queries.ts'
import { createReadyViews } from './features/sharing/ready-views.ts'
import { readShown } from './features/sharing/shared-view.ts'
import { sweep } from './features/sweeps/sweep.ts'
import { closeGently } from './platform/close-gently.ts'
import { openDatabase } from './platform/database.ts'
import { startJobs } from './platform/jobs.ts'
import { createTally } from './platform/tally.ts'

/** Without a database it listens after this all the same. */
const LISTEN_AFTER_MS = 2_000
/** How long a stop waits for what is under way, once it accepts nothing more. */
const FINISH_WITHIN_MS = 8_000
/** A stop that takes longer than this, after the drain, is cut short. */
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
const tally = createTally()
const probeCertificate =
  config.certificateProbe && createCertificateProbe(config.certificateProbe, new URL(config.siteUrl).hostname)
const metrics = await openMetrics()
const live = createLive({
  read: (targets) => readShown(sql, targets),
  tally,
  onError(error) {
    app.log.warn({ err: error }, 'cannot read what viewers look at: trying again')
  },
})
const readyViews = createReadyViews({ isHeard: revoked.isProved })
const [firstSecret, ...moreSecrets] = config.jwtSecrets as [string, ...string[]]
const app = buildApp({
  config,
  sql,
  revoked,
  state,
  live,
  readyViews,
  cards: createCards({
    onError(error) {
      app.log.warn({ err: error }, 'a card could not be drawn')
    },
  }),
  tally,
  observe: metrics?.observe ?? null,
  version,
  probeCertificate,
  tokens: createAccessTokens({ secrets: config.jwtSecrets, issuer: config.siteUrl, lifetimeSeconds: config.accessTokenSeconds }),
  refreshKeys: [refreshKeyOf(firstSecret), ...moreSecrets.map(refreshKeyOf)],
})

/** Says the claim code, as soon as there is a database to keep it. */
async function provideFirstAdministratorInTime(): Promise<void> {
  for (let wait = 500; !state.draining; wait = Math.min(2 * wait, 60_000)) {
    try {
      await provideFirstAdministrator({ sql, config }, app.log)
      return
    } catch (error) {
      app.log.warn({ err: error }, 'no first administrator can be provided yet')
      await setTimeout(wait, null, { ref: false })
    }
  }
}

const hearing = hearRevocations({
  url: config.databaseUrl,
  revoked,
  markSeconds,
  also: [
    {
      name: 'timer_changes',
      listen: listenToTimerChanges,
      heard(timerId) {
        readyViews.changed(timerId)
        live.changed(timerId)
      },
      began() {
        readyViews.missed()
        live.missed()
      },
    },
  ],
  onLoss(error) {
    app.log.warn({ err: error }, 'cannot hear what is revoked: asking the database about each session')
  },
  onReturn() {
    app.log.info('hearing what is revoked')
  },
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
  tally,
  (job, error) => {
    app.log.warn({ err: error, job }, 'job failed')
  },
)

/** The metrics, where somebody looks at them: elsewhere not even their library is loaded. */
async function openMetrics(): Promise<Metrics | null> {
  if (!config.metrics) return null
  const { createMetrics } = await import('./features/metrics/registry.ts')
  const { createFigures } = await import('./features/metrics/figures.ts')
  return createMetrics({
    tally,
    version,
    readFigures: createFigures(sql),
    probeCertificate,
  })
}

/**
 * Ready turns 503 first, and for `DRAIN_SECONDS` whoever still comes is served, on connections that end with their answer; then
 * nothing new is accepted, what is under way finishes, and the pool closes.
 */
async function stop(signal: string): Promise<void> {
  if (state.draining) return
  state.draining = true
  app.log.info({ signal, drain_seconds: config.drainSeconds }, 'stopping')
  stopJobs()
  live.drain()
  await setTimeout(config.drainSeconds * 1000)
  void setTimeout(STOP_WITHIN_MS, null, { ref: false }).then(() => {
    app.log.error('did not stop in time')
    process.exit(1)
  })
  const cut = await closeGently(app.server, FINISH_WITHIN_MS)
  if (cut > 0) app.log.warn({ connections: cut }, 'cut what did not finish')
  await app.close()
  await hearing.stop()
  await sql.end({ timeout: 1 })
  app.log.info('stopped')
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

if (metrics && config.metrics) {
  const { serveMetrics } = await import('./features/metrics/serve.ts')
  await serveMetrics(metrics, config.metrics)
}
// An instance is ready once it knows what was revoked before it began; a database that is away at the start is waited for, since a
// process that ends because of it would only be started again. Where names are looked up, requests come as soon as there is somebody
// who listens, ready or not; but whether it is alive must be seen without a database too.
await Promise.race([hearing.loaded, setTimeout(LISTEN_AFTER_MS)])
await app.listen({ host: config.host, port: config.port })
void provideFirstAdministratorInTime()
