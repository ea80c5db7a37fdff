import type { FastifyInstance } from 'fastify'
import { ApiError } from './api-error.ts'

/**
 * Answers a request with 503 when its answer is not there after `milliseconds`, whatever it waits for. Fastify's own `handlerTimeout`
 * forgets requests that had a body as soon as it is read (fastify/fastify#6725, in 5.12 still). The work itself goes on to its own end:
 * every statement has a time limit of the database's.
 */
export function limitTime(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRequest', (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (!reply.sent) void reply.send(new ApiError('OVERLOADED'))
    }, milliseconds)
    timer.unref()
    reply.raw.once('close', () => {
      clearTimeout(timer)
    })
    done()
  })
}
