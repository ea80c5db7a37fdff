import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { ApiError } from '../../http/api-error.ts'
import type { Database } from '../../platform/database.ts'
import type { Tally } from '../../platform/tally.ts'
import { chargeAttempt, forgetAttempts, refundAttempt, type ThrottleRule, type ThrottleScope } from './queries.ts'

/** The limits of the wire contract. The state is in the database: it survives restarts and holds for every instance. */
const THROTTLE_RULES = {
  account: { free: 5, windowSeconds: 900, then: 'doubling', maxWaitSeconds: 60 },
  device: { free: 5, windowSeconds: 900, then: 'doubling', maxWaitSeconds: 60 },
  // All known devices of one account together: whoever knew an older password may have collected any number of them.
  devices: { free: 50, windowSeconds: 900, then: 'doubling', maxWaitSeconds: 60 },
  network: { free: 100, windowSeconds: 900, then: 'window', maxWaitSeconds: 900 },
  registration: { free: 60, windowSeconds: 3600, then: 'window', maxWaitSeconds: 3600 },
  code: { free: 20, windowSeconds: 3600, then: 'window', maxWaitSeconds: 3600 },
} as const satisfies Record<ThrottleScope, ThrottleRule>

/** A key of one scope. */
export interface Attempt {
  scope: ThrottleScope
  key: string
}

/** Where attempts are counted, and where refusals of them are. */
interface Counting {
  sql: Database
  tally: Tally
}

/** The key of an account: a hash, so that the table holds no address. Known and unknown accounts are counted alike. */
export function accountAttempt(email: string): Attempt {
  return { scope: 'account', key: createHash('sha256').update(email.toLowerCase()).digest('hex') }
}

/**
 * The keys of a device that has signed in to an account before: what fails there is counted by itself, for this account alone, and,
 * with a bound ten times as wide, together with what fails on all other known devices of the account.
 */
export function deviceAttempts(deviceId: string, account: Attempt): { own: Attempt; all: Attempt } {
  const own = createHash('sha256').update(`${deviceId} ${account.key}`).digest('hex')
  return { own: { scope: 'device', key: own }, all: { scope: 'devices', key: account.key } }
}

/** The network of an address: IPv4 itself (also when mapped into IPv6), the first 64 bits of IPv6. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped) return mapped
  if (!isIPv6(ip)) return ip
  const [head = '', tail] = (ip.split('%')[0] ?? ip).toLowerCase().split('::')
  const groups = head.split(':').filter(Boolean)
  if (tail !== undefined) {
    const after = tail.split(':').filter(Boolean)
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/** Counts an attempt of each key before it is made. @throws {ApiError} TOO_MANY_REQUESTS with `Retry-After`. */
async function chargeAttempts({ sql, tally }: Counting, attempts: Attempt[]): Promise<void> {
  const charged: Attempt[] = []
  for (const attempt of attempts) {
    const wait = await chargeAttempt(sql, attempt.scope, attempt.key, THROTTLE_RULES[attempt.scope])
    if (wait > 0) {
      tally.throttled[attempt.scope]++
      // What was counted for the others was no attempt after all.
      await Promise.all(charged.map(({ scope, key }) => refundAttempt(sql, scope, key)))
      throw new ApiError('TOO_MANY_REQUESTS', { headers: { 'retry-after': String(wait) } })
    }
    charged.push(attempt)
  }
}

/**
 * Takes counted attempts back: they were no failures. Nothing else is forgotten, so that an owner's success gives whoever
 * guesses at the account no new tries.
 */
async function refundAttempts(sql: Database, attempts: Attempt[]): Promise<void> {
  await Promise.all(attempts.map(({ scope, key }) => refundAttempt(sql, scope, key)))
}

/**
 * Counts the attempts, does the work, and takes the count back where the work was no failure: where it came to an end and `failed`
 * does not name it, and where it broke off for a reason of ours (busy, database away).
 */
export async function countingFailures<T>(
  counting: Counting,
  attempts: Attempt[],
  work: () => Promise<T>,
  failed: (result: T) => Attempt[],
): Promise<T> {
  const { sql } = counting
  await chargeAttempts(counting, attempts)
  let result: T
  try {
    result = await work()
  } catch (error) {
    // The database may be what failed; the count then stays, which harms less than hiding the failure.
    await refundAttempts(sql, attempts).catch(() => undefined)
    throw error
  }
  const failures = failed(result)
  await refundAttempts(
    sql,
    attempts.filter((attempt) => !failures.includes(attempt)),
  )
  return result
}

/** Forgets what was counted of one key. For a known device whose owner is back; all others stay counted. */
export async function clearAttempts(sql: Database, { scope, key }: Attempt): Promise<void> {
  await forgetAttempts(sql, scope, key)
}
