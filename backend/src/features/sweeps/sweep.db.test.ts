import { spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { useHarness } from '../../testing/harness.ts'
import { takeSweepLock } from './queries.ts'
import { sweep } from './sweep.ts'

const harness = useHarness()

/** One sweep, in a process of its own. */
const PROGRAM = `
  import { openDatabase } from ${JSON.stringify(path.join(import.meta.dirname, '../../platform/database.ts'))}
  import { sweep } from ${JSON.stringify(path.join(import.meta.dirname, 'sweep.ts'))}
  await sweep(openDatabase(process.argv[1]), 1800)
`

async function counts() {
  const [row] = await harness.owner`
    select
      (select count(*)::int from sessions) as sessions,
      (select count(*)::int from revoked_sessions) as marks,
      (select count(*)::int from idempotency_keys) as keys,
      (select count(*)::int from auth_throttle) as attempts
  `
  return row
}

test('forgets what has run out and nothing else, and leaves it to another instance that is at it', async () => {
  const { token } = await harness.register()
  await harness.register()
  await harness.call('POST', '/incident-timers', { token, headers: { 'idempotency-key': 'old' } })
  await harness.call('POST', '/incident-timers', { token, headers: { 'idempotency-key': 'new' } })
  await harness.owner`insert into revoked_sessions (session_id, revoked_at) values (uuid_generate_v7(), now() - interval '1 hour'), (uuid_generate_v7(), now())`
  await harness.owner`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'`
  await harness.owner`update sessions set expires_at = now() - interval '31 days' where user_id = (select user_id from idempotency_keys limit 1)`
  await harness.owner`update auth_throttle set window_ends_at = now() - interval '1 minute' where scope = 'network'`
  const before = await counts()

  await harness.sql.begin(async (other) => {
    expect(await takeSweepLock(other)).toBe(true)
    await sweep(harness.sql, 1800)
    expect(await counts()).toEqual(before)
  })

  await sweep(harness.sql, 1800)
  expect(before).toEqual({ sessions: 2, marks: 2, keys: 2, attempts: 4 })
  expect(await counts()).toEqual({ sessions: 1, marks: 1, keys: 1, attempts: 2 })
})

test('O17: a process that is killed in the middle of a sweep has done nothing, and the next sweep does it once', async () => {
  const { token } = await harness.register()
  await harness.call('POST', '/incident-timers', { token, headers: { 'idempotency-key': 'of-the-killed' } })
  await harness.owner`insert into revoked_sessions (session_id, revoked_at) values (uuid_generate_v7(), now() - interval '1 hour')`
  await harness.owner`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'of-the-killed'`
  const before = await counts()

  // Sessions are swept first, then it waits for this row.
  await harness.sql.begin(async (sql) => {
    await sql`select from idempotency_keys where key = 'of-the-killed' for update`
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, harness.parts.config.databaseUrl])
    const ended = new Promise((resolve) => killed.once('close', (_code, signal) => resolve(signal)))
    for (let tries = 0; tries < 500 && !(await isWaiting()); tries++) await delay(20)
    // The check is not blind: it is in the middle.
    expect(await isWaiting()).toBe(true)
    killed.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(await counts()).toEqual(before)
  })

  // The server notices the loss when it next looks; its lock goes with it.
  for (let tries = 0; tries < 200 && (await counts())?.['marks'] === before?.['marks']; tries++) {
    await sweep(harness.sql, 1800)
    await delay(20)
  }
  const after = await counts()
  expect([after?.['marks'], after?.['keys']]).toEqual([Number(before?.['marks']) - 1, Number(before?.['keys']) - 1])
  await sweep(harness.sql, 1800)
  expect(await counts()).toEqual(after)
})

async function isWaiting(): Promise<boolean> {
  const [row] = await harness.owner`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%idempotency_keys%'
  `
  return row?.['n'] === 1
}
