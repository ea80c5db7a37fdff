import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '../../platform/database.ts'
import { buildTestApp, testConfig, useHarness } from '../../testing/harness.ts'
import { createRevokedSessions } from './revoked-sessions.ts'

const harness = useHarness()

describe('an instance that does not know yet what was revoked', () => {
  const unloaded = (sql: Database) => {
    const { app, parts } = buildTestApp(testConfig('postgres://unused'), sql, {}, { revoked: createRevokedSessions(1800) })
    const ask = async (token: string, url = '/backend/auth/me') => {
      const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}` } })
      return [answer.statusCode, answer.json<{ code?: string }>().code]
    }
    return { app, parts, ask }
  }

  test('asks the database about each session, and is not ready', async () => {
    const [living, revoked, expired, deactivated, deleted] = await Promise.all(
      Array.from({ length: 5 }, () => harness.register()),
    )
    await harness.call('POST', '/auth/revoke', { body: { refresh_token: revoked?.refresh_token } })
    const id = (answer?: SessionAnswer) => answer?.user.id ?? ''
    await harness.owner`update sessions set expires_at = now() where user_id = ${id(expired)}`
    await harness.owner`update users set active = false where id = ${id(deactivated)}`
    await harness.owner`delete from users where id = ${id(deleted)}`
    const { app, parts, ask } = unloaded(harness.sql)
    for (const dead of [revoked, expired, deactivated, deleted])
      expect(await ask(dead?.token ?? '')).toEqual([401, 'UNAUTHENTICATED'])
    expect(await ask(living?.token ?? '')).toEqual([200, undefined])
    expect(parts.tally.sessionLookups).toBe(5)
    expect((await ask('', '/backend/health/ready'))[0]).toBe(503)
    expect((await ask('', '/backend/health'))[0]).toBe(200)
    // The check is not blind: what it asks the database for is what it does not know.
    parts.revoked.load([])
    expect(await ask(revoked?.token ?? '')).toEqual([200, undefined])
    expect((await ask('', '/backend/health/ready'))[0]).toBe(200)
    await app.close()
  })

  test('lets nobody in while the database is away', async () => {
    const { token } = await harness.register()
    const sql = openDatabase('postgres://nobody:nothing@127.0.0.1:1/nothing')
    const { app, ask } = unloaded(sql)
    expect(await ask(token)).toEqual([503, 'DATABASE_UNAVAILABLE'])
    await app.close()
    await sql.end({ timeout: 1 })
  })
})
