import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Tally } from '../platform/tally.ts'
import { ApiError } from './api-error.ts'

const releases = new WeakMap<FastifyRequest, () => void>()

/** A request that is answered but not at its end, an event stream, takes nobody's place. */
export function countNoMore(request: FastifyRequest): void {
  releases.get(request)?.()
}

/**
 * Refuses work beyond `maxInFlight` requests at once with 503 and `Retry-After`. The driver queues without a bound, so the
 * bound stands before it; health checks are let through, since an overloaded process is not a dead one.
 */
export function shedLoad(app: FastifyInstance, maxInFlight: number, tally: Tally): void {
  const counted = new WeakSet()
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url.startsWith('/backend/health')) {
      done()
      return
    }
    if (tally.inFlight >= maxInFlight) {
      tally.shed++
      done(new ApiError('OVERLOADED', { headers: { 'retry-after': '1' } }))
      return
    }
    tally.inFlight++
    counted.add(request)
    const release = () => {
      if (counted.delete(request)) tally.inFlight--
    }
    releases.set(request, release)
    // An answer that was sent, or a client that went away.
    request.raw.socket.once('close', release)
    _reply.raw.once('close', () => {
      request.raw.socket.off('close', release)
      release()
    })
    done()
  })
}
