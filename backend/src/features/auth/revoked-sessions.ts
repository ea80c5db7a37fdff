/**
 * How long what was heard of revocations is good for, in milliseconds. After that much silence one may have been missed (design:
 * sessions).
 */
export const PROOF_MS = 2_000

/**
 * The sessions whose access tokens are refused before they expire, in memory, so that checking costs no query, and the knowledge
 * whether that can be all of them. Entries are forgotten after two token lifetimes.
 */
export interface RevokedSessions {
  add: (...sessionIds: string[]) => void
  has: (sessionId: string) => boolean
  /** True while everything that was revoked up to {@link PROOF_MS} ago must have arrived; else a session is to be asked after. */
  isProved: () => boolean
  /** True once `load` was called: this process has caught up with those before it. */
  isLoaded: () => boolean
  /** Takes in what was revoked before, read while already listening, and no earlier than `since`. */
  load: (sessionIds: string[], since?: number) => void
  /** Everything that was revoked before `moment` has arrived. Means nothing before `load`, or after `doubt` until the next `load`. */
  prove: (moment: number) => void
  /** Something may have been missed. */
  doubt: () => void
  sweep: () => void
  /** The clock of `since` and `moment`, in milliseconds. */
  now: () => number
}

/** An empty set, not proved, whose entries live for `seconds`. The clock must not be one that somebody can set. */
export function createRevokedSessions(seconds: number, now: () => number = () => performance.now()): RevokedSessions {
  const heardAt = new Map<string, number>()
  let loaded = false
  /** The moment up to which nothing was missed; null for no such moment. */
  let completeTo: number | null = null
  const add = (...sessionIds: string[]) => {
    for (const id of sessionIds) heardAt.set(id, now())
  }
  return {
    add,
    has: (sessionId) => heardAt.has(sessionId),
    isProved: () => completeTo !== null && now() - completeTo <= PROOF_MS,
    isLoaded: () => loaded,
    load(sessionIds, since = now()) {
      add(...sessionIds)
      loaded = true
      completeTo = since
    },
    prove(moment) {
      if (completeTo !== null) completeTo = Math.max(completeTo, moment)
    },
    doubt() {
      completeTo = null
    },
    sweep() {
      const oldest = now() - seconds * 1000
      for (const [id, time] of heardAt) if (time < oldest) heardAt.delete(id)
    },
    now,
  }
}
