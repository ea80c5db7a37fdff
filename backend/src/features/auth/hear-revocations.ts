import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openListener, type Channel } from '../../platform/database.ts'
import { listenToRevocations, listRevokedSessions, sendHeartbeat } from './queries.ts'
import type { RevokedSessions } from './revoked-sessions.ts'

/** Between two heartbeats. Milliseconds. */
const BEAT_MS = 1_000
/** A connection on which nothing comes for so long is given up. Milliseconds. */
const SILENCE_MS = 5_000
/** Before the next try. Milliseconds. */
const PAUSE_MS = 500

const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Needs {
  url: string
  revoked: RevokedSessions
  /** How far back what was revoked is loaded. */
  markSeconds: number
  /** What is heard on the same connection. */
  also?: Channel[]
  /** Told when nothing can be heard, once until it can be again. */
  onLoss: (error: unknown) => void
  onReturn: () => void
}

/** Hearing of what other instances revoke. */
export interface Hearing {
  /** Resolves once everything that was revoked before is known; never when stopped before that. */
  loaded: Promise<void>
  /** Closes the connection and tries no more. */
  stop: () => Promise<void>
}

/**
 * Keeps `revoked` complete with what every instance revokes, on a connection of its own: it listens first, then loads the table, so
 * that nothing falls between, and again after each loss. Each second it sends itself a heartbeat through the same channel. Messages
 * come in the order of their commits, so an echo proves that whatever was committed before the beat was sent has arrived. A loss that
 * is noticed ends the proof at once, one that is not lets it run out.
 */
export function hearRevocations({ url, revoked, markSeconds, also = [], onLoss, onReturn }: Needs): Hearing {
  const instance = randomUUID()
  const stopping = new AbortController()
  const firstLoad = Promise.withResolvers<undefined>()
  const isStopping = () => stopping.signal.aborted
  let isDeaf = false

  async function hearUntilLost(): Promise<never> {
    const lost = Promise.withResolvers<never>()
    const silence = setTimeout(() => {
      lost.reject(new Error('nothing heard for too long'))
    }, SILENCE_MS)
    const stop = () => {
      lost.reject(new Error('stopped'))
    }
    stopping.signal.addEventListener('abort', stop)
    async function orLost<T>(work: PromiseLike<T>): Promise<T> {
      const result = await Promise.race([work, lost.promise])
      silence.refresh()
      return result
    }

    let isGivenUp = false
    let awaited: { beat: string; echo: () => void } | undefined
    const sql = openListener(url, {
      heard(message, name) {
        const channel = also.find((other) => other.name === name)
        if (channel) channel.heard(message)
        else if (message === awaited?.beat) awaited.echo()
        else if (SESSION_ID.test(message)) revoked.add(message)
        // All others are heartbeats of other instances.
      },
      lost() {
        // Now, not when whoever waits for it has had its turn; but one that was given up before says nothing of its successor.
        if (!isGivenUp) revoked.doubt()
        lost.reject(new Error('connection lost'))
      },
    })
    try {
      await orLost(listenToRevocations(sql))
      for (const channel of also) {
        await orLost(channel.listen(sql))
        channel.began()
      }
      const since = revoked.now()
      revoked.load(await orLost(listRevokedSessions(sql, markSeconds)), since)
      firstLoad.resolve(undefined)
      if (isDeaf) onReturn()
      isDeaf = false
      for (let n = 1; ; n++) {
        const heard = Promise.withResolvers<undefined>()
        awaited = {
          beat: `beat ${n} of ${instance}`,
          echo() {
            heard.resolve(undefined)
          },
        }
        const moment = revoked.now()
        await orLost(Promise.all([sendHeartbeat(sql, awaited.beat), heard.promise]))
        revoked.prove(moment)
        await orLost(delay(BEAT_MS))
      }
    } finally {
      isGivenUp = true
      revoked.doubt()
      clearTimeout(silence)
      stopping.signal.removeEventListener('abort', stop)
      await sql.end({ timeout: 0 })
    }
  }

  async function hear(): Promise<void> {
    while (!isStopping()) {
      try {
        await hearUntilLost()
      } catch (error) {
        if (isStopping()) return
        if (!isDeaf) onLoss(error)
        isDeaf = true
        await delay(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  const ended = hear()
  return {
    loaded: firstLoad.promise,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}
