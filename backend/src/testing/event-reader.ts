import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** One event as it came, with when. */
export interface HeardEvent {
  event: string
  id: string | undefined
  data: Record<string, unknown>
  /** What stood on the line, to the letter. */
  text: string
  /** On the clock of `performance.now()`. */
  at: number
}

/** A client of an event stream, on a connection of its own. */
export interface EventReader {
  status: number
  headers: http.IncomingHttpHeaders
  /** The whole answer, where it is none of events. */
  body: () => string
  events: HeardEvent[]
  comments: () => number
  /** What the server said of when to come back, the last of it. */
  retry: () => number | undefined
  /** The `n`th event from 0, once it is there. */
  event: (n: number, withinMs?: number) => Promise<HeardEvent>
  /** Resolves when the server has ended it. */
  ended: Promise<unknown>
  /** Reads no more, or again. */
  pause: () => void
  resume: () => void
  close: () => void
}

/** Opens an event stream and takes it apart as browsers do (WHATWG HTML, section 9.2.6). */
export function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, headers }, (response) => {
      const events: HeardEvent[] = []
      let [rest, whole, comments] = ['', '', 0]
      let retry: number | undefined
      response.setEncoding('utf8').on('data', (chunk: string) => {
        whole += chunk
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const lines = block.split('\n')
          const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
          if (lines.every((line) => line.startsWith(':'))) comments++
          if (field('retry') !== undefined) retry = Number(field('retry'))
          const text = field('data')
          if (text === undefined) continue
          const data = JSON.parse(text) as Record<string, unknown>
          events.push({ event: field('event') ?? 'message', id: field('id'), data, text, at: performance.now() })
        }
      })
      const closed = Promise.withResolvers<undefined>()
      response.once('close', () => {
        closed.resolve(undefined)
      })
      response.on('error', () => undefined)
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: () => whole,
        events,
        comments: () => comments,
        retry: () => retry,
        async event(n, withinMs = 5_000) {
          const began = performance.now()
          while (events.length <= n) {
            if (performance.now() - began > withinMs) throw new Error(`no event ${n} within ${withinMs} ms`)
            await delay(5)
          }
          return events[n] as HeardEvent
        },
        ended: closed.promise,
        pause: () => void response.pause(),
        resume: () => void response.resume(),
        close: () => void request.destroy(),
      })
    })
    request.on('error', reject)
  })
}
