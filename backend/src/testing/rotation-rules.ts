/**
 * The rules of refresh tokens as the design words them, once more and on their own: nothing of the implementation is used. A token
 * is the number of its generation, a time is seconds since the beginning of a history.
 */
export interface Family {
  /** The newest generation. */
  current: number
  /** Which secret each generation was derived with; the first was drawn. */
  derivedWith: (string | null)[]
  rotatedAt: number
  /** When the current generation was first seen in use. */
  usedAt: number | null
  expiresAt: number
  absoluteEndsAt: number
  ended: 'reused' | 'signed_out' | null
}

/** The times of the design, in seconds. */
export const TIMES = {
  graceAfterUse: 30,
  graceUnused: 86_400,
  idle: 7 * 86_400,
  absolute: 180 * 86_400,
  accessToken: 900,
} as const

/** What comes of presenting a token. */
export type Verdict = 'rotated' | 'repeated' | 'reused' | 'unrepeatable' | 'ended'

/** A family as a sign-in leaves it at the beginning. */
export function newFamily(): Family {
  return {
    current: 0,
    derivedWith: [null],
    rotatedAt: 0,
    usedAt: null,
    expiresAt: TIMES.idle,
    absoluteEndsAt: TIMES.absolute,
    ended: null,
  }
}

export function isAlive(family: Family, now: number): boolean {
  return family.ended === null && now < family.expiresAt
}

/** True while whoever presents the token before the current one is given the current one. */
export function isInGrace(family: Family, now: number): boolean {
  const isLate = now >= family.rotatedAt + TIMES.graceUnused
  const wasTaken = family.usedAt !== null && now >= family.usedAt + TIMES.graceAfterUse
  return family.current > 0 && !isLate && !wasTaken
}

/** Presents a generation's token at a time; the first secret derives, all are accepted. Changes the family as the rules say. */
export function present(family: Family, generation: number, now: number, secrets: string[]): Verdict {
  if (!isAlive(family, now)) return 'ended'
  if (generation === family.current) {
    family.current++
    family.derivedWith.push(secrets[0] ?? '')
    family.rotatedAt = now
    family.usedAt = null
    family.expiresAt = Math.min(now + TIMES.idle, family.absoluteEndsAt)
    return 'rotated'
  }
  if (generation === family.current - 1 && isInGrace(family, now)) {
    return secrets.includes(family.derivedWith[family.current] ?? '') ? 'repeated' : 'unrepeatable'
  }
  family.ended = 'reused'
  return 'reused'
}

/** An access token of a generation comes in from outside. */
export function noteUse(family: Family, generation: number, now: number): void {
  if (generation === family.current) family.usedAt ??= now
}

/** True when the API answers a token with a successor. */
export function isAnswered(verdict: Verdict): boolean {
  return verdict === 'rotated' || verdict === 'repeated'
}
