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
    let text: string
    try {
      // Bytes that are not UTF-8 are refused, not replaced.
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body as Buffer)
    } catch {
      done(new ApiError('MALFORMED_REQUEST'), undefined)
      return
    }
    void parse(request, text, (error, value: unknown) => {
      if (error) done(new ApiError('MALFORMED_REQUEST'), undefined)
      else done(null, value)
    })
  })
}
