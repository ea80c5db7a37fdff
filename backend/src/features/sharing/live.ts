import { setTimeout as delay } from 'node:timers/promises'
import type { SharedEvent } from '@kennwilliamson/contracts/sharing'
import type { Tally } from '../../platform/tally.ts'
import type { Target } from './queries.ts'
import type { Shown } from './shared-view.ts'

/** Streams at once of one instance. Each takes some 10 to 20 KB and a socket. */
const MAX_VIEWERS = 2_000
/** Between two comments, which keep proxies from closing a silent stream, and find out who is gone. Milliseconds. */
const BEAT_MS = 15_000
/** Timers that are read at once, in one statement. */
const BATCH = 50
/** Before the next try where the database is away. Milliseconds. */
const PAUSE_MS = 500
/** Whoever has left so much unread is cut: a reader that comes back gets the newest state, and nothing is lost. Bytes. */
const MAX_WAITING = 64 * 1024
/** The longest that a timer of Node can wait is 24 days. Milliseconds. */
const LONGEST_WAIT_MS = 86_400_000
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** One who looks at a timer, over an open stream. */
export interface Viewer {
  /** The revision that was seen before the connection was lost, as the browser says it. */
  lastEventId: string | null
  send: (frames: string) => void
  /** Bytes that were not taken yet. */
  waiting: () => number
  end: (frames: string) => void
  cut: () => void
}

/** Everyone who looks at a timer live, on this instance. */
export interface Live {
  /** Whether there is room for one more. */
  hasRoom: () => boolean
  /** Sends this viewer the state now and every change from here on. Returns what takes them out again, to be called once they are gone. */
  join: (target: Target, viewer: Viewer) => () => void
  /** A timer has changed for those who look at it. */
  changed: (timerId: string) => void
  /** Nobody knows what was missed: all that is looked at is read anew. */
  missed: () => void
  /** Ends all streams in a way that has browsers come back, and from now on each after its first message. */
  drain: () => void
}

interface Needs {
  /** What is seen of each target now; what is left out is seen no more. */
  read: (targets: Target[]) => Promise<Shown[]>
  tally: Tally
  onError: (error: unknown) => void
  maxViewers?: number
  beatMs?: number
}

/** What is known of a viewer: `seen` is the revision they have, null before the first message; they count from this read on. */
interface Standing {
  seen: number | null
  from: number
  /** Bytes that waited at the last beat. */
  waited: number
}

interface Group {
  target: Target
  viewers: Map<Viewer, Standing>
  expiry: NodeJS.Timeout | undefined
}

/**
 * Fans changes out. Whoever joins is noted first and served by the next read, so that no change falls between; changes that come while
 * one is read are one more read after it. There is one read at a time, of up to {@link BATCH} timers, for all of their viewers, and each
 * message is written once for everybody of the same level.
 */
export function createLive({ read, tally, onError, maxViewers = MAX_VIEWERS, beatMs = BEAT_MS }: Needs): Live {
  const timers = new Map<string, Map<string, Group>>()
  const dirty = new Set<string>()
  let reads = 0
  let isReading = false
  let isDraining = false
  let beat: NodeJS.Timeout | undefined

  function changed(timerId: string): void {
    if (!timers.has(timerId)) return
    dirty.add(timerId)
    void readDirty()
  }

  async function readDirty(): Promise<void> {
    if (isReading) return
    isReading = true
    while (dirty.size > 0) {
      // A turn later: whatever comes at once is read at once.
      await Promise.resolve()
      const timerIds = [...dirty].slice(0, BATCH)
      for (const timerId of timerIds) dirty.delete(timerId)
      const groups = timerIds.flatMap((timerId) => [...(timers.get(timerId)?.values() ?? [])])
      if (groups.length === 0) continue
      const number = ++reads
      try {
        deliver(groups, number, await read(groups.map(({ target }) => target)))
      } catch (error) {
        onError(error)
        for (const timerId of timerIds) dirty.add(timerId)
        await delay(PAUSE_MS, undefined, { ref: false })
      }
    }
    isReading = false
  }

  function deliver(groups: Group[], number: number, shown: Shown[]): void {
    const byTarget = new Map(shown.map((one) => [keyOf(one.target), one]))
    const messages = new Map<SharedEvent, Messages>()
    for (const group of groups) {
      const now = byTarget.get(keyOf(group.target))
      const message = now && (messages.get(now.event) ?? new Messages(now.event))
      if (now && message) messages.set(now.event, message)
      for (const [viewer, standing] of group.viewers) {
        // Whoever came while it was read may know something newer.
        if (standing.from > number) continue
        if (message) tell(viewer, standing, message)
        else viewer.end(GONE)
        if (!message || isDraining) leave(group, viewer)
      }
      if (now && group.viewers.size > 0) watchExpiry(group, now.expiresInMs)
    }
  }

  function tell(viewer: Viewer, standing: Standing, message: Messages): void {
    const { revision } = message.event
    const isFirst = standing.seen === null
    const has = isFirst ? viewer.lastEventId === String(revision) : standing.seen === revision
    standing.seen = revision
    if (!has && viewer.waiting() > MAX_WAITING) {
      tally.slowViewers++
      viewer.cut()
    } else if (!has) viewer.send(isFirst ? message.snapshot() : message.change())
    if (isDraining) viewer.end(comeBack())
  }

  /** A link that expires changes nothing in the database: nobody would tell us. */
  function watchExpiry(group: Group, expiresInMs: number | null): void {
    clearTimeout(group.expiry)
    if (expiresInMs === null) return
    group.expiry = setTimeout(
      () => {
        changed(group.target.timerId)
      },
      Math.min(Math.max(expiresInMs, 0) + 20, LONGEST_WAIT_MS),
    )
    group.expiry.unref()
  }

  function eachViewer(visit: (viewer: Viewer, standing: Standing, group: Group) => void): void {
    for (const groups of timers.values())
      for (const group of groups.values()) for (const [viewer, standing] of group.viewers) visit(viewer, standing, group)
  }

  /** A stream on which nothing has moved since the last beat is cut: its reader takes nothing. */
  function sendBeat(): void {
    eachViewer((viewer, standing) => {
      const waits = viewer.waiting()
      if (waits > 0 && standing.waited > 0 && waits >= standing.waited) {
        tally.slowViewers++
        viewer.cut()
        return
      }
      standing.waited = waits
      viewer.send(':\n\n')
    })
  }

  function leave(group: Group, viewer: Viewer): void {
    if (!group.viewers.delete(viewer)) return
    tally.viewers--
    if (tally.viewers === 0) {
      clearInterval(beat)
      beat = undefined
    }
    if (group.viewers.size > 0) return
    clearTimeout(group.expiry)
    const { timerId, linkId } = group.target
    const groups = timers.get(timerId)
    groups?.delete(linkId ?? '')
    if (groups?.size === 0) timers.delete(timerId)
  }

  return {
    hasRoom: () => tally.viewers < maxViewers,
    join(target, viewer) {
      const groups = timers.get(target.timerId) ?? new Map<string, Group>()
      timers.set(target.timerId, groups)
      const group = groups.get(target.linkId ?? '') ?? { target, viewers: new Map<Viewer, Standing>(), expiry: undefined }
      groups.set(target.linkId ?? '', group)
      group.viewers.set(viewer, { seen: null, from: reads + 1, waited: 0 })
      tally.viewers++
      beat ??= setInterval(sendBeat, beatMs).unref()
      viewer.send(comeBack())
      changed(target.timerId)
      return () => {
        leave(group, viewer)
      }
    },
    changed(timerId) {
      if (ID.test(timerId)) changed(timerId)
    },
    missed() {
      for (const timerId of timers.keys()) changed(timerId)
    },
    drain() {
      isDraining = true
      eachViewer((viewer, _standing, group) => {
        viewer.end(comeBack())
        leave(group, viewer)
      })
    },
  }
}

/** What is written of a state, once for everybody. */
class Messages {
  readonly event: SharedEvent
  #frames: string | undefined
  constructor(event: SharedEvent) {
    this.event = event
  }
  #body(): string {
    return (this.#frames ??= `id: ${this.event.revision}\ndata: ${JSON.stringify(this.event)}\n\n`)
  }
  snapshot(): string {
    return `event: snapshot\n${this.#body()}`
  }
  change(): string {
    return `event: change\n${this.#body()}`
  }
}

/** Nothing is to be seen here any more. */
const GONE = 'event: gone\ndata: {}\n\n'

/** When to come back after a stream has ended: not all at once, after 0.5 to 2.5 s. */
function comeBack(): string {
  return `retry: ${500 + Math.floor(Math.random() * 2_000)}\n\n`
}

function keyOf({ timerId, linkId }: Target): string {
  return `${timerId} ${linkId ?? ''}`
}
