import { describe, expect, test } from 'vitest'
import { openDatabase, SCHEMA_VERSION } from '../../platform/database.ts'
import { buildTestApp, testConfig, useHarness } from '../../testing/harness.ts'

const harness = useHarness()
const healthy = { status: 'healthy', service: 'backend', version: '0.0.0-test' }

describe('with its database', () => {
  test('alive, connected and ready', async () => {
    expect((await harness.call('GET', '/health')).body).toEqual(healthy)
    for (const path of ['/health/db', '/health/ready']) {
      const answer = await harness.call('GET', path)
      expect([answer.status, answer.body]).toEqual([200, { ...healthy, database: 'connected' }])
    }
  })

  test('the code names the newest migration as the one it needs', async () => {
    const [row] = await harness.owner`select max(version)::int as newest from schemaversion`
    expect(row?.newest).toBe(SCHEMA_VERSION)
  })

  test('draining: alive but not ready', async () => {
    harness.parts.state.draining = true
    const answer = await harness.call('GET', '/health/ready')
    harness.parts.state.draining = false
    expect([answer.status, answer.body]).toEqual([503, { status: 'unhealthy', database: 'connected' }])
  })

  test('a schema older than the code is not ready; a newer one is', async () => {
    await harness.owner`insert into schemaversion (version) values (${SCHEMA_VERSION + 1})`
    expect((await harness.call('GET', '/health/ready')).status).toBe(200)
    await harness.owner`delete from schemaversion where version >= ${SCHEMA_VERSION}`
    expect((await harness.call('GET', '/health/ready')).status).toBe(503)
    expect((await harness.call('GET', '/health/db')).status).toBe(200)
  })
})

test('O15: without its database it stays alive, says 503 where it must, and tells no driver text', async () => {
  const sql = openDatabase('postgres://nobody:secret@127.0.0.1:1/nothing')
  const { app } = buildTestApp(testConfig('postgres://unused'), sql)
  const get = (url: string) => app.inject({ url: `/backend${url}` })
  expect((await get('/health')).json()).toEqual(healthy)
  for (const path of ['/health/db', '/health/ready']) {
    const answer = await get(path)
    expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'unhealthy', database: 'disconnected' }])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  }
  const refused = await get('/shared/ada/incident-timer')
  expect(refused.statusCode).toBe(503)
  expect(refused.json()).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(refused.headers['retry-after']).toBe('2')
  expect(refused.payload).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|secret/)
  await app.close()
  await sql.end({ timeout: 1 })
})
