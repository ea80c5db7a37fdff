import { createHash } from 'node:crypto'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { docsPage, DOCS_STYLE, type OpenApiDocument } from './docs-page.ts'

/** Collects the routes registered after it into one OpenAPI 3.1 document, made from the schemas of the contract. */
export function describeRoutes(app: FastifyInstance, site: { name: string; version: string }): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `${site.name} API`, version: site.version },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: jsonSchemaTransform,
  })
}

/** GET `/openapi.json` and a page for people at `/docs`. Both are made at the first request and then kept. */
export function openApiRoutes(app: FastifyInstance): void {
  let json: string | undefined
  let page: string | undefined
  const styleHash = createHash('sha256').update(DOCS_STYLE).digest('base64')
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(app.swagger())
    return reply.header('cache-control', 'public, max-age=2').type('application/json; charset=utf-8').send(json)
  })
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => {
    page ??= docsPage(app.swagger() as unknown as OpenApiDocument)
    return reply
      .header('cache-control', 'public, max-age=2')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .type('text/html; charset=utf-8')
      .send(page)
  })
}
