import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'

/** The request id that nginx gave, if it looks like one, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID().replaceAll('-', '')
}

/** A path as logs may hold it: no query, and no secret of a secret link, however it is written. */
export function loggablePath(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  let plain = path
  try {
    plain = decodeURIComponent(path)
  } catch {
    // Malformed, and logged as it came; no route of ours has such a path.
  }
  const [, kind] = /^(\/+(?:backend\/+)?s\/+)[^/]/i.exec(plain) ?? []
  if (kind === undefined) return path
  return path === plain ? path.replace(/^(\/+(?:backend\/+)?s\/+)[^/]+/i, '$1…') : `${kind}…`
}

/** Structured lines; of a request only method, path and id, never headers or bodies. */
export function loggerOptions(
  level: string,
  stream?: { write: (line: string) => void },
): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: {
      // Named, not spread: a database error's detail holds the values of the row.
      err: (error: Error & { code?: unknown }) => ({
        type: error.name,
        code: error.code,
        message: error.message,
        stack: error.stack ?? '',
      }),
      req: (request: { method: string; url: string }) => ({ method: request.method, path: loggablePath(request.url) }),
    },
    ...(stream ? { stream } : {}),
  }
}

/** One line per answer: what was asked, what came of it, how long it took. Health checks only when asked for detail. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const path = loggablePath(request.url)
    const level = reply.statusCode >= 500 ? 'warn' : path.startsWith('/backend/health') ? 'debug' : 'info'
    request.log[level](
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 },
      'answered',
    )
    done()
  })
}
