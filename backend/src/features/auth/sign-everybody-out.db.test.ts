import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildTestApp, testConfig, useHarness } from '../../testing/harness.ts'
import { listRevokedSessions } from './queries.ts'

const harness = useHarness()

test('S10: the statement in docs/security.md ends every session, refresh and access tokens, and can be given twice', async () => {
  const page = readFileSync(new URL('../../../../docs/security.md', import.meta.url), 'utf8')
  const [, statement = ''] = /`(begin; insert into revoked_sessions .*? commit;)`/.exec(page) ?? []
  const people = [await harness.register(), await harness.register()]
  const refresh = async (refresh_token: string) =>
    (await harness.call('POST', '/auth/refresh', { body: { refresh_token } })).status
  for (const { refresh_token } of people) expect(await refresh(refresh_token)).toBe(200)

  for (let time = 0; time < 2; time++) await harness.owner.unsafe(statement)
  const { app, parts } = buildTestApp(testConfig('postgres://unused'), harness.sql)
  parts.revoked.add(...(await listRevokedSessions(harness.sql, 1800)))
  for (const { refresh_token, token } of people) {
    expect(await refresh(refresh_token)).toBe(401)
    const { statusCode } = await app.inject({ url: '/backend/auth/me', headers: { authorization: `Bearer ${token}` } })
    expect(statusCode).toBe(401)
  }
  await app.close()
})
