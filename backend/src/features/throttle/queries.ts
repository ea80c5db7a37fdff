import type { Sql } from '../../platform/database.ts'

/**
 * What is counted: failures of an account, of a device that knows it, of all devices that know it, of a network; new accounts of a
 * network; tries of the claim code.
 */
export type ThrottleScope = 'account' | 'device' | 'devices' | 'network' | 'registration' | 'code'

/** How often, and what then. */
export interface ThrottleRule {
  /** Attempts that cost nothing. */
  free: number
  /** Seconds after which a quiet key is forgotten. */
  windowSeconds: number
  /** `doubling`: each attempt beyond the free ones waits 1, 2, 4 … seconds, at most `maxWaitSeconds`; `window`: till its end. */
  then: 'doubling' | 'window'
  maxWaitSeconds: number
}

/**
 * Counts an attempt before it is made, so that parallel guesses cannot all pass. Returns 0 when it may go on, else the
 * seconds to wait; an attempt that has to wait is not counted.
 */
export async function chargeAttempt(sql: Sql, scope: ThrottleScope, key: string, rule: ThrottleRule): Promise<number> {
  const [row] = await sql<{ wait_seconds: number }[]>`
    with attempt as (
      insert into auth_throttle as t (scope, key, failures, window_ends_at)
      values (${scope}, ${key}, 1, now() + make_interval(secs => ${rule.windowSeconds}::int))
      on conflict (scope, key) do update set
        failures = case when t.window_ends_at <= now() then 1 else t.failures + 1 end,
        window_ends_at = case
          when t.window_ends_at <= now() or ${rule.then === 'doubling'}::bool then excluded.window_ends_at
          else t.window_ends_at
        end,
        blocked_until = case
          when t.window_ends_at <= now() or t.failures + 1 < ${rule.free}::int + ${rule.then === 'doubling' ? 1 : 0}::int then '-infinity'
          when ${rule.then === 'doubling'}::bool
            then now() + make_interval(secs => least(power(2, least(t.failures - ${rule.free}::int, 20)), ${rule.maxWaitSeconds}::int))
          else t.window_ends_at
        end
      where t.blocked_until <= now()
      returning t.key
    )
    select case
      when exists (select from attempt) then 0
      else coalesce(
        (select ceil(extract(epoch from blocked_until - now()))::int from auth_throttle where scope = ${scope} and key = ${key}),
        1
      )
    end as wait_seconds
  `
  return Math.max(row?.wait_seconds ?? 1, 0)
}

/** Takes one counted attempt back: it was no failure. */
export async function refundAttempt(sql: Sql, scope: ThrottleScope, key: string): Promise<void> {
  await sql`
    update auth_throttle
    set failures = greatest(failures - 1, 0), blocked_until = '-infinity'
    where scope = ${scope} and key = ${key}
  `
}

/** Forgets all attempts of one key. */
export async function forgetAttempts(sql: Sql, scope: ThrottleScope, key: string): Promise<void> {
  await sql`delete from auth_throttle where scope = ${scope} and key = ${key}`
}

/** Forgets keys whose window has ended. */
export async function sweepThrottle(sql: Sql): Promise<void> {
  await sql`delete from auth_throttle where window_ends_at < now() and blocked_until < now()`
}
