import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createTally, jobTally } from '../../platform/tally.ts'
import { createMetrics } from './registry.ts'

const ROOT = path.join(import.meta.dirname, '../../../..')

/** The names that a scrape shows when everything is known, with those that Prometheus makes of a histogram. */
async function exportedNames(): Promise<Set<string>> {
  const tally = createTally()
  jobTally(tally, 'sweep').lastSuccessAt = 1
  const figures = {
    ...{ users: 1, timers: 1, sessions: 1, connections: 1, connections_active: 1, connections_idle_in_transaction: 0 },
    ...{ backup_succeeded_at: 1, backup_last_succeeded: true, proof_succeeded_at: 1, proof_last_succeeded: true },
  }
  const readFigures = async () => ({ figures, seconds: 0 })
  const metrics = createMetrics({ tally, version: '1', readFigures, probeCertificate: async () => 1 })
  metrics.observe({ route: '/', method: 'GET', status: 200, seconds: 0 })
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name],
    ),
  )
}

/** Every metric of ours that a text names. */
function namesIn(text: string): string[] {
  return [...new Set(text.split(/\W/).filter((word) => word.startsWith('kennwilliamson_')))]
}

test.each(['monitoring/alerts.yml', 'monitoring/alerts.test.yml', 'docs/monitoring.md'])(
  '%s names only metrics that the API exports',
  async (file) => {
    const exported = await exportedNames()
    const text = readFileSync(path.join(ROOT, file), 'utf8')
    const unknown = (words: string) => namesIn(words).filter((name) => !exported.has(name))
    expect(namesIn(text).length).toBeGreaterThan(8)
    expect(unknown(text)).toEqual([])
    // The check is not blind: a name that nobody exports is found.
    expect(unknown(text.replace('kennwilliamson_database_up', 'kennwilliamson_database_upp'))).toEqual([
      'kennwilliamson_database_upp',
    ])
  },
)

test('each alert says how bad it is, what happened and what to do, and has a test', () => {
  const rules = readFileSync(path.join(ROOT, 'monitoring/alerts.yml'), 'utf8')
  const tests = readFileSync(path.join(ROOT, 'monitoring/alerts.test.yml'), 'utf8')
  const alerts = rules.split('- alert: ').slice(1)
  expect(alerts.length).toBeGreaterThan(10)
  for (const alert of alerts) {
    const name = alert.split('\n', 1)[0] ?? ''
    expect(alert, name).toMatch(/severity: (page|ticket|info)/)
    expect(alert, name).toMatch(/summary: .+\n +action: ./)
    expect(tests, name).toContain(`alertname: ${name}\n        exp_alerts:\n`)
  }
})
