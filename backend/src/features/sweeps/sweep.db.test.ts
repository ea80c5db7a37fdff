import { expect, test } from 'vitest'
import { useHarness } from '../../testing/harness.ts'
import { takeSweepLock } from './queries.ts'
import { sweep } from './sweep.ts'

const harness = useHarness()

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
