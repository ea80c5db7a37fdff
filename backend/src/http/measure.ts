import type { FastifyInstance, FastifyRequest } from 'fastify'

/** One answer, as far as figures about it may say: the pattern of its route and never its path, so that there are few kinds. */
export interface AnswerMeasured {
  /** `unknown` where no route was found. */
  route: string
  /** `OTHER` for a method that no route of ours has. */
  method: string
  /** 499 for a client that went away before its answer. */
  status: number
  seconds: number
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const begun = new WeakMap<FastifyRequest, number>()

/** An event stream has taken as long as its beginning: how long somebody goes on looking is no matter of speed. Milliseconds. */
export function measureAsBegun(request: FastifyRequest, milliseconds: number): void {
  begun.set(request, milliseconds)
}

/** Tells `observe` of every answer, refusals and unknown paths included. */
export function measureAnswers(app: FastifyInstance, observe: (answer: AnswerMeasured) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    observe({
      route: (request.is404 ? undefined : request.routeOptions.url) ?? 'unknown',
      method: METHODS.has(request.method) ? request.method : 'OTHER',
      status: reply.raw.headersSent ? reply.statusCode : 499,
      seconds: (begun.get(request) ?? reply.elapsedTime) / 1000,
    })
    done()
  })
}
