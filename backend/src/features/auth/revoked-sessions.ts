/**
 * The sessions whose access tokens are refused before they expire, in memory, so that checking costs no query. Loaded at the
 * start, added to by whoever revokes, forgotten after two token lifetimes.
 */
export interface RevokedSessions {
  /** Takes in what was revoked before this process began. Until then no token can be trusted. */
  load: (sessionIds: string[]) => void
  isLoaded: () => boolean
  add: (...sessionIds: string[]) => void
  has: (sessionId: string) => boolean
  sweep: () => void
}

/** An empty set whose entries live for `seconds`. */
export function createRevokedSessions(seconds: number, now: () => number = Date.now): RevokedSessions {
  const since = new Map<string, number>()
  let loaded = false
  return {
    load(sessionIds) {
      this.add(...sessionIds)
      loaded = true
    },
    isLoaded: () => loaded,
    add(...sessionIds) {
      for (const id of sessionIds) since.set(id, now())
    },
    has: (sessionId) => since.has(sessionId),
    sweep() {
      const oldest = now() - seconds * 1000
      for (const [id, time] of since) if (time < oldest) since.delete(id)
    },
  }
}
