import { expect, test } from 'vitest'
import { openDatabase, SCHEMA_VERSION } from '../../platform/database.ts'
import { createTally, jobTally } from '../../platform/tally.ts'
import { useHarness } from '../../testing/harness.ts'
import { createFigures } from './figures.ts'
import { readSiteFigures } from './queries.ts'
import { createMetrics, type Metrics } from './registry.ts'

const tally = createTally()
let metrics: Metrics
const harness = useHarness({
  parts: (sql) => {
    metrics = createMetrics({ tally, version: '1.2.3', readFigures: async () => freshFigures(sql)(), probeCertificate: null })
    return { tally, observe: metrics.observe }
  },
})

/** A reader that has kept nothing. */
function freshFigures(sql: Parameters<typeof createFigures>[0]) {
  return createFigures(sql)
}

/** The samples of a scrape, by name and labels. */
async function scrape(from: Metrics = metrics): Promise<Map<string, number>> {
  const lines = (await from.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  )
}

test('tells of the site, its database and its backups', async () => {
  const before = await scrape()
  expect(before.has('kennwilliamson_backup_last_success_timestamp_seconds')).toBe(false)
  await harness.register()
  await harness.register()
  await harness.owner`insert into backup_runs (kind, succeeded, duration_ms, finished_at) values
    ('backup', true, 1, '2026-01-02T00:00:00Z'), ('backup', true, 1, '2026-01-01T00:00:00Z'),
    ('proof', true, 1, '2026-01-02T00:00:00Z'), ('proof', false, 1, '2026-01-03T00:00:00Z')`
  jobTally(tally, 'sweep').failed = 2
  jobTally(tally, 'sweep').lastSuccessAt = 1_000_000
  const now = await scrape()
  const expected = {
    [`kennwilliamson_build_info{version="1.2.3",schema="${SCHEMA_VERSION}"}`]: 1,
    kennwilliamson_database_up: 1,
    kennwilliamson_users: 2,
    kennwilliamson_timers: 2,
    kennwilliamson_sessions: 2,
    kennwilliamson_database_pool_size: 6,
    'kennwilliamson_database_connections{state="idle_in_transaction"}': 0,
    kennwilliamson_backup_last_success_timestamp_seconds: Date.parse('2026-01-02') / 1000,
    kennwilliamson_backup_last_run_failed: 0,
    kennwilliamson_proof_last_success_timestamp_seconds: Date.parse('2026-01-02') / 1000,
    kennwilliamson_proof_last_run_failed: 1,
    'kennwilliamson_job_failures_total{job="sweep"}': 2,
    'kennwilliamson_job_last_success_timestamp_seconds{job="sweep"}': 1000,
    'kennwilliamson_http_requests_total{route="/backend/auth/register",method="POST",status="201"}': 2,
    'kennwilliamson_http_request_duration_seconds_count{route="/backend/auth/register",method="POST"}': 2,
  }
  for (const [name, value] of Object.entries(expected)) expect([name, now.get(name)]).toEqual([name, value])
  expect(now.get('kennwilliamson_database_connections{state="active"}')).toBeGreaterThan(0)
  for (const name of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes', 'process_cpu_seconds_total'])
    expect(now.has(`kennwilliamson_${name}`), name).toBe(true)
})

test('counts sign-ins, throttled attempts and reused tokens', async () => {
  const ip = '10.9.8.7'
  const { user, refresh_token } = await harness.register()
  const login = (password: string) => harness.call('POST', '/auth/login', { body: { email: user.email, password }, ip })
  await login('a quiet day in the north')
  let refused = 0
  for (let attempt = 0; attempt < 12; attempt++) if ((await login('wrong')).status === 429) refused++
  const refresh = (token: string) => harness.call('POST', '/auth/refresh', { body: { refresh_token: token } })
  const second: { refresh_token: string } = (await refresh(refresh_token)).body
  const third: { refresh_token: string } = (await refresh(second.refresh_token)).body
  expect(third.refresh_token).toBeDefined()
  expect((await refresh(refresh_token)).status).toBe(401)
  const now = await scrape()
  expect(now.get('kennwilliamson_sign_ins_total{outcome="succeeded"}')).toBe(1)
  expect(now.get('kennwilliamson_sign_ins_total{outcome="failed"}')).toBe(12 - refused)
  expect(now.get('kennwilliamson_throttle_refusals_total{scope="account"}')).toBe(refused)
  expect(now.get('kennwilliamson_refresh_tokens_reused_total')).toBe(1)
})

test('1,000 odd paths and methods make no new series, and nothing personal is in any', async () => {
  const { user, token } = await harness.register()
  const visit = (n: number) => {
    const path = [`/odd-${n}`, `/${user.slug}-${n}/incident-timer`, `/incident-timers/${n}`, `/shared/x${n}/y?token=secret-${n}`]
    return harness.call(n % 5 === 0 ? 'PROPFIND' : 'GET', path[n % 4] ?? '', { token })
  }
  // Those of the process come and go with what it does, such as a collection of garbage of a kind that had not been yet.
  const names = async () => [...(await scrape()).keys()].filter((name) => !name.startsWith('kennwilliamson_nodejs_')).sort()
  for (let n = 0; n < 20; n++) await visit(n)
  const before = await names()
  for (let n = 20; n < 1020; n++) await visit(n)
  const after = await names()
  expect(after).toEqual(before)
  const text = after.join('\n')
  for (const personal of [user.id, user.email, user.slug, 'secret-', 'odd-', '10.9.8.7']) expect(text).not.toContain(personal)
  // The check is not blind: were the path the label, this would be seen.
  for (let n = 0; n < 20; n++) metrics.observe({ route: `/odd-${n}`, method: 'GET', status: 404, seconds: 0 })
  expect((await names()).length - after.length).toBeGreaterThan(100)
})

test('a database that is away or does not answer fails no scrape: it is 0, and what it knows is absent', async () => {
  const away = openDatabase('postgres://nobody:secret@127.0.0.1:1/nothing')
  let asked = 0
  const stalled = () => {
    asked++
    return new Promise<never>(() => undefined)
  }
  for (const readFigures of [createFigures(away), createFigures(away, stalled)]) {
    const of = createMetrics({ tally: createTally(), version: '1', readFigures, probeCertificate: null })
    const began = performance.now()
    const [samples] = await Promise.all([scrape(of), scrape(of), scrape(of)])
    expect(performance.now() - began).toBeLessThan(8_000)
    expect(samples.get('kennwilliamson_database_up')).toBe(0)
    expect(samples.has('kennwilliamson_users')).toBe(false)
  }
  expect(asked).toBe(1)
  await away.end({ timeout: 1 })
})

test('scrapes that follow each other share one query', async () => {
  let asked = 0
  const read = createFigures(harness.sql, (sql) => {
    asked++
    return readSiteFigures(sql)
  })
  await Promise.all([read(), read(), read()])
  await read()
  expect(asked).toBe(1)
})
