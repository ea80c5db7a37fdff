import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { setStandardHeaders } from './headers.ts'
import { countNoMore } from './load-shedding.ts'
import { measureAsBegun } from './measure.ts'

/** An open stream of server-sent events (WHATWG HTML, section 9.2). */
export interface EventStream {
  /** Sends frames that are written out already. */
  send: (frames: string) => void
  /** Bytes that the other side has not taken yet. */
  waiting: () => number
  /** Sends these last ones and ends it. */
  end: (frames: string) => void
  /** Ends it at once, whatever still waits. */
  cut: () => void
}

/** Whoever does not take the last words in this time is cut. */
const END_WITHIN_MS = 5_000

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Whatever proxy stands in between.
  'x-accel-buffering': 'no',
}

/**
 * Answers with an event stream, which from then on belongs to nobody's deadline and is counted among no requests. `closed` is called
 * once it is over, whoever ended it. Null when there is nobody any more, or only the headers were asked for.
 */
export function openEventStream(request: FastifyRequest, reply: FastifyReply, closed: () => void): EventStream | null {
  if (request.method === 'HEAD') {
    void reply.headers(HEADERS).send('')
    return null
  }
  const { raw } = reply
  setStandardHeaders(request, reply)
  reply.headers(HEADERS)
  reply.hijack()
  measureAsBegun(request, reply.elapsedTime)
  countNoMore(request)
  if (raw.destroyed) return null
  raw.on('error', () => undefined)
  raw.once('close', closed)
  raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders)
  raw.flushHeaders()
  return {
    send: (frames) => void raw.write(frames),
    waiting: () => raw.writableLength,
    end(frames) {
      raw.end(frames)
      setTimeout(() => raw.destroy(), END_WITHIN_MS).unref()
    },
    cut: () => void raw.destroy(),
  }
}
