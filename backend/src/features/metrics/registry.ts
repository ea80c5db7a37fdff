import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AnswerMeasured } from '../../http/measure.ts'
import { POOL_SIZE, SCHEMA_VERSION } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import type { ProbeCertificate } from './certificate.ts'
import type { FiguresNow } from './figures.ts'

/** What is shown comes from here. */
export interface MetricSources {
  tally: Tally
  readFigures: () => Promise<FiguresNow>
  /** Null where no certificate is watched. */
  probeCertificate: ProbeCertificate | null
  version: string
}

/** The metrics of this process. */
export interface Metrics {
  observe: (answer: AnswerMeasured) => void
  /** In the text format of Prometheus. */
  text: () => Promise<string>
  contentType: string
}

const PREFIX = 'kennwilliamson_'
/** Seconds. Close together where answers usually lie; 0.3 and 1 are what the alert rules ask about. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1, 2.5, 5, 10]

/**
 * Builds all metrics of the API. Labels take their values from closed sets (route patterns, methods, statuses, names of jobs), so
 * the number of series does not grow with what strangers ask for; no label and no value tells of a person.
 */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1; the release, and the schema it was written for.',
    labelNames: ['version', 'schema'],
    registers: [registry],
  }).set({ version: sources.version, schema: SCHEMA_VERSION }, 1)
  const measured = requestMetrics(registry)
  tallied(registry, sources.tally)
  return {
    observe: measured,
    contentType: registry.contentType,
    async text() {
      // Anew each time, so that what is not known now is absent, and never the last value that was.
      const now = new Registry()
      const [figures, certificateEnds] = await Promise.all([sources.readFigures(), sources.probeCertificate?.()])
      databaseMetrics(now, figures)
      if (certificateEnds !== undefined) certificateMetrics(now, certificateEnds)
      return (await registry.metrics()) + (await now.metrics())
    },
  }
}

function requestMetrics(registry: Registry): Metrics['observe'] {
  const labelNames = ['route', 'method', 'status'] as const
  const registers = [registry]
  const duration = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Time from a request to its answer, by the pattern of its route.',
    labelNames: ['route', 'method'],
    buckets: BUCKETS,
    registers,
  })
  const total = new Counter({ name: `${PREFIX}http_requests_total`, help: 'Requests answered.', labelNames, registers })
  return ({ route, method, status, seconds }) => {
    total.inc({ route, method, status })
    duration.observe({ route, method }, seconds)
  }
}

/** Shows the plain numbers of the tally; read when they are asked for. */
function tallied(registry: Registry, tally: Tally): void {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, label: Label, read: () => Iterable<[string, number]>) =>
    new Counter({
      name: PREFIX + name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset()
        for (const [value, count] of read()) this.inc({ [label]: value } as Record<Label, string>, count)
      },
    })
  const plain = (name: string, help: string, read: () => number) =>
    new Counter({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })

  new Gauge({
    name: `${PREFIX}http_requests_in_flight`,
    help: 'Requests being answered now, health checks not among them.',
    registers,
    collect() {
      this.set(tally.inFlight)
    },
  })
  new Gauge({
    name: `${PREFIX}live_viewers`,
    help: 'Open event streams.',
    registers,
    collect() {
      this.set(tally.viewers)
    },
  })
  new Gauge({
    name: `${PREFIX}database_pool_size`,
    help: 'Connections of this instance’s pool at most; one more listens.',
    registers,
  }).set(POOL_SIZE)
  plain('slow_viewers_total', 'Event streams cut because their reader did not keep up.', () => tally.slowViewers)
  plain('shed_requests_total', 'Requests refused because too many were under way.', () => tally.shed)
  plain(
    'session_lookups_total',
    'Requests that asked the database whether a session lives, because what was revoked could not be known.',
    () => tally.sessionLookups,
  )
  plain('refresh_tokens_reused_total', 'Sessions revoked because an old refresh token came back.', () => tally.tokensReused)
  counter('throttle_refusals_total', 'Attempts refused by the throttle.', 'scope', () => Object.entries(tally.throttled))
  counter('sign_ins_total', 'Attempts to sign in that were judged.', 'outcome', () => Object.entries(tally.signIns))
  counter('job_runs_total', 'Rounds of each job that ended well.', 'job', () =>
    [...tally.jobs].map(([job, { succeeded }]) => [job, succeeded]),
  )
  counter('job_failures_total', 'Rounds of each job that failed.', 'job', () =>
    [...tally.jobs].map(([job, { failed }]) => [job, failed]),
  )
  new Gauge({
    name: `${PREFIX}job_last_success_timestamp_seconds`,
    help: 'When a job last ended well in this process.',
    labelNames: ['job'],
    registers,
    collect() {
      for (const [job, { lastSuccessAt }] of tally.jobs) if (lastSuccessAt !== null) this.set({ job }, lastSuccessAt / 1000)
    },
  })
}

function databaseMetrics(registry: Registry, now: FiguresNow): void {
  const gauge = (name: string, help: string, value: number) => {
    new Gauge({ name: PREFIX + name, help, registers: [registry] }).set(value)
  }
  gauge('database_up', '1 when the database answered within two seconds.', now ? 1 : 0)
  if (!now) return
  const { figures, seconds } = now
  gauge('database_wait_seconds', 'What one small query takes, the wait for a free connection included.', seconds)
  gauge('users', 'Accounts.', figures.users)
  gauge('timers', 'Timers, archived ones included.', figures.timers)
  gauge('sessions', 'Sessions that are neither revoked nor expired.', figures.sessions)

  const connections = new Gauge({
    name: `${PREFIX}database_connections`,
    help: 'Connections of the application at the server, of all instances together.',
    labelNames: ['state'],
    registers: [registry],
  })
  const { connections_active: active, connections_idle_in_transaction: idleInTransaction } = figures
  connections.set({ state: 'active' }, active)
  connections.set({ state: 'idle_in_transaction' }, idleInTransaction)
  connections.set({ state: 'idle' }, figures.connections - active - idleInTransaction)

  for (const kind of ['backup', 'proof'] as const) {
    const succeededAt = figures[`${kind}_succeeded_at`]
    const lastSucceeded = figures[`${kind}_last_succeeded`]
    const what = kind === 'backup' ? 'backup' : 'proof that a backup restores'
    if (succeededAt !== null)
      gauge(`${kind}_last_success_timestamp_seconds`, `When the last successful ${what} ended.`, succeededAt)
    if (lastSucceeded !== null) gauge(`${kind}_last_run_failed`, `1 when the last ${what} failed.`, lastSucceeded ? 0 : 1)
  }
}

function certificateMetrics(registry: Registry, ends: number | null): void {
  const registers = [registry]
  new Gauge({
    name: `${PREFIX}certificate_probe_up`,
    help: '1 when the certificate that visitors get could be seen.',
    registers,
  }).set(ends === null ? 0 : 1)
  if (ends === null) return
  new Gauge({
    name: `${PREFIX}certificate_expiry_timestamp_seconds`,
    help: 'When the certificate that visitors get ends.',
    registers,
  }).set(ends / 1000)
}
