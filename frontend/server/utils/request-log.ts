import { randomUUID } from 'node:crypto'
import { getRequestHeader, type H3Event } from 'h3'
import type { Log } from './log.ts'

/** What the log knows of a request. */
export interface RequestLog {
  /** The id that nginx gave, else one of our own; the API gets the same. */
  requestId: string
  /** Epoch milliseconds. */
  began: number
}

const requests = new WeakMap<H3Event, RequestLog>()

/** The same for all that one request does, pages and what they ask of the API alike. */
export function requestLogOf(event: H3Event): RequestLog {
  let found = requests.get(event)
  if (!found) {
    const given = getRequestHeader(event, 'x-request-id')
    found = { requestId: given && /^[\w-]{8,64}$/.test(given) ? given : randomUUID(), began: Date.now() }
    requests.set(event, found)
  }
  return found
}

/** A path as logs may hold it: no query, and no secret of a secret link, however it is written. */
export function loggablePath(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  let plain = path
  try {
    plain = decodeURIComponent(path)
  } catch {
    // Malformed, and logged as it came; no page of ours has such an address.
  }
  const [, kind] = /^(\/+(?:backend\/+)?s\/+)[^/]/i.exec(plain) ?? []
  if (kind === undefined) return path
  return path === plain ? path.replace(/^(\/+(?:backend\/+)?s\/+)[^/]+/i, '$1…') : `${kind}…`
}

/** One line for a request that has ended: what was asked, what came of it, how long it took. Health checks only in detail. */
export function logAnswer(log: Log, event: H3Event): void {
  const { requestId, began } = requestLogOf(event)
  const path = loggablePath(event.node.req.originalUrl ?? event.path)
  const status = event.node.res.headersSent ? event.node.res.statusCode : 499
  const level = path.startsWith('/api/health') ? 'debug' : status >= 500 ? 'warn' : 'info'
  log(level, { reqId: requestId, method: event.method, path, status, ms: Date.now() - began }, 'answered')
}
