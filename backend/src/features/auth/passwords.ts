import { hash, verify } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'
import { createPasswordQueue } from './password-queue.ts'

/** argon2id with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet, its first choice. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Two at once, each of which holds 19 MiB; 64 more are about a second of work. */
const inTurn = createPasswordQueue({ atOnce: 2, waiting: 64 })

const ARGON2 = /^\$argon2(?:id|i|d)\$/
/** The forms whose algorithm is bcrypt as it should be; `$2x$` marks hashes of an implementation with a fault. */
const BCRYPT = /^\$2[aby]\$/
/** Of a longer password bcrypt sees only the beginning. */
const BCRYPT_BYTES = 72
const CURRENT = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),/

/** The form in which a password is hashed: Unicode NFKC (NIST SP 800-63B), so that the same keys on another device match. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}

/** Hashes a new password. @throws {ApiError} OVERLOADED when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  return await inTurn(() => hash(normalise(password), ARGON2ID))
}

let decoy: Promise<string> | undefined

/**
 * Whether the password belongs to the hash. `null` for an account that does not exist costs the same as a hash of ours and is false,
 * so that time tells nobody which addresses have accounts; so is a hash of a kind that is not known here.
 *
 * Hashes of an imported database may be bcrypt's. Those compare the password as it was typed, not normalised, and only its first 72
 * bytes: both were so when they were made, and nothing can be done about it afterwards. They take another time than ours, so until
 * its owner has signed in once, time does tell that such an account is there.
 *
 * @throws {ApiError} OVERLOADED when too many wait.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hash('nobody has this password', ARGON2ID)
  const given = passwordHash !== null && (ARGON2.test(passwordHash) || BCRYPT.test(passwordHash)) ? passwordHash : null
  const against = given ?? (await decoy)
  const matches = await inTurn(() =>
    BCRYPT.test(against) ? verifyBcrypt(password, against) : verify(against, normalise(password)),
  )
  return matches && given !== null
}

/**
 * Whether a hash that this password has just matched should be replaced by one of ours: it is bcrypt's, or argon2's with less memory
 * or fewer passes. Not so for a password of which bcrypt has not seen the end: whether that is right nobody knows, and a slip in it
 * would become the password.
 */
export function isOutdated(passwordHash: string, password: string): boolean {
  if (BCRYPT.test(passwordHash)) return Buffer.byteLength(password) <= BCRYPT_BYTES
  const [, memory, passes] = CURRENT.exec(passwordHash) ?? []
  return !(Number(memory) >= ARGON2ID.memoryCost && Number(passes) >= ARGON2ID.timeCost)
}
