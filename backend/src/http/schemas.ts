import { isDeepStrictEqual } from 'node:util'
import fastJson from 'fast-json-stringify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginCallback,
  FastifyPluginOptions,
  FastifyReply,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'

/** The application as routes see it: schemas of the contract give the types. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** A group of routes. */
export type Routes = FastifyPluginCallback<FastifyPluginOptions, RawServerDefault, ZodTypeProvider>

/**
 * Requests are checked by the contract's schemas; answers are written by serialisers compiled from the same ones, which
 * leave out whatever the schema does not name. With `checkAnswers` (tests) an answer that the schema does not describe
 * exactly fails instead.
 */
export function useContractSchemas(app: FastifyInstance, options: { checkAnswers: boolean }): void {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(({ schema, method, url }) => {
    const zodSchema = schema as unknown as z.ZodType
    const stringify = compileSerializer(zodSchema)
    if (!options.checkAnswers) return stringify
    return (data: unknown) => {
      const sent: unknown = JSON.parse(JSON.stringify(data))
      const parsed = zodSchema.safeParse(sent)
      if (!parsed.success) throw new Error(`${method} ${url} answered against its schema: ${z.prettifyError(parsed.error)}`)
      if (!isDeepStrictEqual(parsed.data, sent)) {
        throw new Error(`${method} ${url} answered keys that its schema does not have: ${JSON.stringify(sent)}`)
      }
      const written = stringify(data)
      if (!isDeepStrictEqual(JSON.parse(written), sent))
        throw new Error(`${method} ${url}: the compiled serialiser wrote ${written}`)
      return written
    }
  })
}

/** Compiles a schema of the contract into a serialiser (measured: Zod's own costs a third of a 50-row list's throughput). */
function compileSerializer(schema: z.ZodType): (data: unknown) => string {
  const json = z.toJSONSchema(schema, {
    io: 'output',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // "a type or null" as a list of types: the serialiser then needs no validator at run time
      const [first, second, ...more] = jsonSchema.anyOf ?? []
      if (first && second?.type === 'null' && more.length === 0 && typeof first.type === 'string' && first.type !== 'object') {
        delete jsonSchema.anyOf
        Object.assign(jsonSchema, first, { type: [first.type, 'null'] })
      }
      // What only a validator needs; a pattern would cost and say nothing about how to write the value.
      delete jsonSchema.pattern
      delete jsonSchema.format
    },
  })
  return fastJson(json as Parameters<typeof fastJson>[0])
}

/** An answer without a body. */
export const NoBody = z.null()

/** An answer that says everything in its headers, where a status other than 204 needs some body. */
export const HeadersOnly = z.literal('')

/** Sends JSON that the serialiser of the same answer has written before (`reply.serialize`). */
export function sendWritten(reply: object, body: string | Buffer): FastifyReply {
  return (reply as FastifyReply).type('application/json; charset=utf-8').send(body)
}
