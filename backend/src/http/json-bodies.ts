import type { FastifyInstance } from 'fastify'
import { ApiError } from './api-error.ts'

const JSON_UTF8 = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i

/**
 * Bodies are JSON in UTF-8 and nothing else. An empty body is no body, whatever its type says: routes where every field is
 * optional accept it. `__proto__` and `constructor` keys are dropped like any other unknown key.
 */
export function useJsonBodies(app: FastifyInstance, limit: number): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('remove', 'remove')
  app.addContentTypeParser(/^application\/json\b/i, { parseAs: 'buffer', bodyLimit: limit }, (request, body, done) => {
    if (!JSON_UTF8.test(request.headers['content-type'] ?? '')) {
      done(new ApiError('UNSUPPORTED_MEDIA_TYPE'), undefined)
      return
    }
    if (body.length === 0) {
      done(null, undefined)
      return
    }
    const text = readUtf8(body as Buffer)
    if (text === null) {
      done(new ApiError('MALFORMED_REQUEST'), undefined)
      return
    }
    void parse(request, text, (error, value: unknown) => {
      if (error) done(new ApiError('MALFORMED_REQUEST'), undefined)
      else done(null, value)
    })
  })
}

/** The text of UTF-8, without its mark; null for bytes that are none: they are refused, not replaced. */
export function readUtf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return null
  }
}
