import { hash, verify } from '@node-rs/argon2'
import pLimit from 'p-limit'
import { ApiError } from '../../http/api-error.ts'

/** argon2id with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet, its first choice. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** At once; each holds 19 MiB. */
const CONCURRENCY = 2
/** Waiting beyond those; more are told to come back. About half a second of work. */
const QUEUE = 64

const limit = pLimit(CONCURRENCY)

async function bounded<T>(work: () => Promise<T>): Promise<T> {
  if (limit.pendingCount >= QUEUE) throw new ApiError('OVERLOADED', { headers: { 'retry-after': '1' } })
  return await limit(work)
}

/** The form in which a password is hashed: Unicode NFKC (NIST SP 800-63B), so that the same keys on another device match. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}

/** Hashes a new password. @throws {ApiError} OVERLOADED when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  return await bounded(() => hash(normalise(password), ARGON2ID))
}

let decoy: Promise<string> | undefined

/**
 * Whether the password belongs to the hash. `null` for an account that does not exist costs the same and is false, so that
 * time tells nobody which addresses have accounts.
 *
 * @throws {ApiError} OVERLOADED when too many wait.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hash('nobody has this password', ARGON2ID)
  const against = passwordHash ?? (await decoy)
  const matches = await bounded(() => verify(against, normalise(password)))
  return matches && passwordHash !== null
}
