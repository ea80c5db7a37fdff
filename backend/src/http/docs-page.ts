import { ERRORS } from '@kennwilliamson/contracts/errors'

interface Operation {
  summary?: string
  description?: string
  security?: unknown[]
  requestBody?: { content?: Record<string, { schema?: unknown }> }
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>
}

/** As much of an OpenAPI document as the page shows. */
export interface OpenApiDocument {
  info: { title: string; version: string }
  paths?: Record<string, Record<string, Operation>>
}

export const DOCS_STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem;overflow-wrap:anywhere}
h1,h2{font-family:Georgia,serif;font-weight:400;line-height:1.15}
section{border-top:1px solid #8886;padding:1rem 0}
h3{font-size:1.0625rem;margin:0}
h3 b{display:inline-block;min-width:4.5rem}
pre{background:#8881;padding:.75rem;overflow:auto;font-size:.8125rem;margin:.5rem 0}
summary{cursor:pointer;min-height:1.75rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8884;vertical-align:top}
`

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function schemaBlock(title: string, schema: unknown): string {
  if (!schema) return ''
  return `<details><summary>${escape(title)}</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`
}

function operationSection(path: string, method: string, operation: Operation): string {
  const body = operation.requestBody?.content?.['application/json']?.schema
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const schema = Object.values(answer.content ?? {})[0]?.schema
    return schemaBlock(`Answer ${status}`, schema) || `<p>Answer ${escape(status)}</p>`
  })
  return `<section><h3><b>${method.toUpperCase()}</b> <code>${escape(path)}</code></h3>
<p>${escape(operation.summary ?? '')}${operation.security ? ' <em>Signed in.</em>' : ''}</p>
${schemaBlock('Request body', body)}${answers.join('')}</section>`
}

/** The reference for people: every route, then every error code. No script, no request to anywhere. */
export function docsPage(document: OpenApiDocument): string {
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(path, method, operation)),
  )
  const errors = Object.entries(ERRORS).map(
    ([code, { status, detail }]) =>
      `<tr id="${code}"><td>${status}</td><td><code>${code}</code></td><td>${escape(detail)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(document.info.title)}</title><style>${DOCS_STYLE}</style></head>
<body><main><h1>${escape(document.info.title)}</h1>
<p>Version ${escape(document.info.version)}. The same as <a href="/backend/openapi.json">OpenAPI 3.1</a>.</p>
<h2>Routes</h2>${sections.join('')}
<h2>Errors</h2><p>Every error is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
<table><thead><tr><th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>${errors.join('')}</tbody></table>
</main></body></html>`
}
