import type { FastifyInstance } from 'fastify'
import { ApiError } from './api-error.ts'
import { readUtf8 } from './json-bodies.ts'

/** A body that is taken as it is. */
export interface TextBody {
  /** The media type, without parameters. */
  type: string
  text: string
}

/**
 * In this scope bodies of these media types are text in UTF-8, up to `limit` bytes, that nobody has parsed; every other type is
 * refused. An empty body is no body.
 */
export function useTextBodies(scope: FastifyInstance, types: string[], limit: number): void {
  scope.removeAllContentTypeParsers()
  for (const type of types) {
    const utf8 = new RegExp(`^${type}\\s*(?:;\\s*(?:header=\\w+\\s*;\\s*)?charset="?utf-8"?\\s*)?$`, 'i')
    scope.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: limit }, (request, body, done) => {
      if (!utf8.test(request.headers['content-type'] ?? '')) {
        done(new ApiError('UNSUPPORTED_MEDIA_TYPE'), undefined)
        return
      }
      const text = readUtf8(body as Buffer)
      if (text === null) done(new ApiError('MALFORMED_REQUEST'), undefined)
      else done(null, text === '' ? undefined : ({ type, text } satisfies TextBody))
    })
  }
}
