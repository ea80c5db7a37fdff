/**
 * How long a view is ready. Whatever changes in the database is heard of at once; this bounds what nobody is told of: the phrase, which
 * others may change, and the day of the run, which ends by itself. Milliseconds.
 */
const READY_MS = 1_000
/** Bytes of all views together; the notes of one, fifty of 2,000 characters, are 400,000 at most. */
const ROOM = 4_000_000

/** A view as it is sent, in two parts: between them stands the time of the server. */
interface Written {
  timerId: string
  before: Buffer
  after: Buffer
  /** The server's time, in milliseconds since the epoch, less that of `now`: the one of the database. */
  clock: number
}

/** A view that was read: `body` is JSON with a key `server_time`, `serverTime` its value. */
export interface ReadView {
  timerId: string
  body: string
  serverTime: string
}

/** The public views that are asked for now, in memory: one read for everybody who asks within a second. */
export interface ReadyViews {
  /**
   * The body of the view at an address: the one that is ready with the time of now, else what `read` gives; null where it gives null, which is
   * not kept. Whoever asks while it is read gets the same.
   */
  answer: (address: string, read: () => Promise<ReadView | null>) => Buffer | Promise<string | null>
  /** A timer has changed for those who look at it. */
  changed: (timerId: string) => void
  /** Nobody knows what was missed. */
  missed: () => void
}

interface Reading {
  body: Promise<string | null>
  /** What has changed since it began; null for whatever there is. */
  changed: Set<string> | null
}

/** The parts around the time: no text in JSON holds this key as it stands there, since its quotes are escaped. */
function split({ timerId, body, serverTime }: ReadView, at: number): Written {
  const key = '"server_time":"'
  const from = body.indexOf(key) + key.length
  if (from < key.length) throw new Error('a view has no server_time')
  return {
    timerId,
    before: Buffer.from(body.slice(0, from)),
    after: Buffer.from(body.slice(body.indexOf('"', from))),
    clock: Date.parse(serverTime) - at,
  }
}

/**
 * Nothing is ready, and everything is read, while `isHeard` says that changes may be missed. A view is kept unless its timer changed while it
 * was read: what is heard after that throws it away, so that whoever asks once a change was heard of sees it.
 */
export function createReadyViews({
  isHeard,
  now = () => performance.now(),
}: {
  isHeard: () => boolean
  now?: () => number
}): ReadyViews {
  const ready = new Map<string, Written & { at: number }>()
  /** By address the newest, which may be joined. */
  const newest = new Map<string, Reading>()
  /** All that are under way, so that none of them misses a change. */
  const readings = new Set<Reading>()
  let room = ROOM

  function drop(address: string): void {
    const view = ready.get(address)
    if (!view) return
    ready.delete(address)
    room += view.before.length + view.after.length
  }

  function keep(address: string, view: Written & { at: number }): void {
    drop(address)
    ready.set(address, view)
    room -= view.before.length + view.after.length
    // Those that came first go first, and they are the oldest.
    for (const other of ready.keys()) {
      if (room >= 0) break
      drop(other)
    }
  }

  async function readAndKeep(address: string, read: () => Promise<ReadView | null>, reading: Reading): Promise<string | null> {
    const at = now()
    try {
      const view = await read()
      const isCurrent = view !== null && reading.changed !== null && !reading.changed.has(view.timerId)
      if (isCurrent && isHeard()) keep(address, { ...split(view, at), at })
      return view?.body ?? null
    } finally {
      readings.delete(reading)
      if (newest.get(address) === reading) newest.delete(address)
    }
  }

  return {
    answer(address, read) {
      if (!isHeard()) return read().then((view) => view?.body ?? null)
      const view = ready.get(address)
      if (view && now() - view.at < READY_MS) {
        return Buffer.concat([view.before, Buffer.from(new Date(view.clock + now()).toISOString()), view.after])
      }
      drop(address)
      const underWay = newest.get(address)
      // One that began before a change was heard of may not know it.
      if (underWay?.changed?.size === 0) return underWay.body
      const reading: Reading = { body: Promise.resolve(null), changed: new Set() }
      readings.add(reading)
      newest.set(address, reading)
      reading.body = readAndKeep(address, read, reading)
      return reading.body
    },
    changed(timerId) {
      for (const [address, view] of ready) if (view.timerId === timerId) drop(address)
      for (const reading of readings) reading.changed?.add(timerId)
    },
    missed() {
      for (const address of ready.keys()) drop(address)
      for (const reading of readings) reading.changed = null
    },
  }
}
