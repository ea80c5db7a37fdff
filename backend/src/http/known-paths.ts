import type { FastifyInstance, HTTPMethods } from 'fastify'
import { ApiError } from './api-error.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies HTTPMethods[]

/**
 * Answers 405 with `Allow` on every known path asked with a method it does not have. Call it before the routes are
 * registered: it collects them, and `answerOtherMethods` adds the rest in a scope that is registered last.
 */
export function collectKnownPaths(app: FastifyInstance): { answerOtherMethods: (scope: FastifyInstance) => void } {
  const methodsByPath = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    const known = methodsByPath.get(route.routePath) ?? new Set<string>()
    for (const method of [route.method].flat()) known.add(method)
    methodsByPath.set(route.routePath, known)
  })
  return {
    answerOtherMethods(scope) {
      for (const [url, known] of [...methodsByPath]) {
        const allow = METHODS.filter((method) => known.has(method)).join(', ')
        const rest = METHODS.filter((method) => !known.has(method))
        if (rest.length === 0) continue
        scope.route({
          method: rest,
          url,
          schema: { hide: true },
          // before any body is read: what is in it does not matter
          onRequest: (request) => {
            // `/things/` is not `/things/{id}` with an empty id.
            const isKnown = !Object.values(request.params as Record<string, string>).includes('')
            return Promise.reject(
              isKnown ? new ApiError('METHOD_NOT_ALLOWED', { headers: { allow } }) : new ApiError('NOT_FOUND'),
            )
          },
          handler: () => undefined,
        })
      }
    },
  }
}
