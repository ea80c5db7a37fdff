import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '@kennwilliamson/contracts/errors'
import { ApiError } from './api-error.ts'

/** Whose pages may do what. */
export interface OriginRules {
  /** SITE_URL. */
  siteUrl: string
  /** Origins of other sites whose pages may call the API, each exactly as a browser sends it. */
  allowed: string[]
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, x-device-token',
  // Seconds. A page that was taken off the list is refused at once all the same: the answer to a preflight only spares the next one.
  'access-control-max-age': '600',
}
const EXPOSED = 'etag, retry-after, x-request-id, x-device-token, content-disposition'

/** Where this request was sent to, as nginx saw it: scheme and port included. */
function askedOrigin({ protocol, host }: FastifyRequest): string | undefined {
  return URL.parse(`${protocol}://${host}`)?.origin
}

/**
 * Refuses with 403, before any body is read, what another site's page asks in a visitor's name: in this scope all that changes
 * something, and with `personal` reading too. Browsers send `Sec-Fetch-Site` and `Origin` by themselves and pages cannot forge
 * them; a request with neither is no browser's and passes. Comparison is exact: several values, other case, another port are
 * another origin, and `null` is nobody's (Fetch Metadata; OWASP CSRF Prevention Cheat Sheet).
 */
export function refuseOtherSites(scope: FastifyInstance, rules: OriginRules, { personal }: { personal: boolean }): void {
  const own = new URL(rules.siteUrl).origin
  scope.addHook('onRequest', (request, _reply, done) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    const concerned = personal || !SAFE.has(request.method)
    const listed = origin !== undefined && rules.allowed.includes(origin)
    const fromOtherSite =
      (site !== undefined && site !== 'same-origin' && site !== 'none') ||
      (origin !== undefined && origin !== own && origin !== askedOrigin(request))
    done(concerned && !listed && fromOtherSite ? new ApiError('CROSS_SITE_REQUEST') : undefined)
  })
  scope.addHook('onRoute', ({ schema, method }) => {
    const concerned = personal || [method].flat().some((name) => !SAFE.has(name))
    if (concerned && schema?.response) Object.assign(schema.response, { 403: Problem })
  })
}

/**
 * Lets pages of the listed origins read answers (the CORS protocol of the Fetch Standard), and nobody else's: not even the headers
 * are there without a list. Never with credentials: tokens travel in `Authorization`, and cookies are not the API's business.
 * Add it before whatever may refuse, so that a refusal can be read too.
 *
 * Not `@fastify/cors`: its hook runs after those that are added directly, so a page could not read their 503; it answers an OPTIONS
 * that is no preflight, where we have 405; and nginx's cache needs a word of its own.
 */
export function answerListedOrigins(app: FastifyInstance, { allowed }: OriginRules): void {
  if (allowed.length === 0) return
  app.addHook('onRequest', (request, reply, done) => {
    // Also without an Origin: whoever stores the answer must not give it to a page of another one.
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.includes(origin)) {
      done()
      return
    }
    reply.header('access-control-allow-origin', origin)
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined && !request.is404) {
      void reply.status(204).headers(PREFLIGHT).send()
      return
    }
    reply.header('access-control-expose-headers', EXPOSED)
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // One origin's answer is not the same for everyone: nginx must not keep it.
    if (reply.hasHeader('access-control-allow-origin')) reply.removeHeader('x-accel-expires')
    done(null, payload)
  })
}
