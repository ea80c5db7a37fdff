import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Headers of every answer of the API, also of its errors. nginx says the same where it stands before us; a route that
 * answers HTML brings a policy of its own.
 */
export function setStandardHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  reply.header('x-content-type-options', 'nosniff')
  reply.header('referrer-policy', 'no-referrer')
  // Pictures are made to be shown on other sites.
  if (!reply.hasHeader('cross-origin-resource-policy')) reply.header('cross-origin-resource-policy', 'same-origin')
  reply.header('cross-origin-opener-policy', 'same-origin')
  reply.header('x-frame-options', 'DENY')
  if (!reply.hasHeader('content-security-policy')) {
    reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  }
  // A secret link is for whoever was given it, found or not.
  if (request.url.startsWith('/backend/s/')) reply.header('x-robots-tag', 'noindex')
  // What nobody declared public is private.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
}

/**
 * A public answer is at most two seconds old, everywhere: one in nginx, which keeps only what is marked for it and takes the mark
 * off, and one in a browser. What nobody is told of, a view's phrase and the day of its run, may be one more (`ready-views.ts`).
 */
export const PUBLIC = { 'x-accel-expires': '1', 'cache-control': 'public, max-age=1' }

/** Sets the headers on whatever goes out; while draining, connections end with their answer, so that none keeps us up. */
export function useStandardHeaders(app: FastifyInstance, state: { draining: boolean }): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    setStandardHeaders(request, reply)
    if (state.draining) reply.header('connection', 'close')
    done(null, payload)
  })
}
