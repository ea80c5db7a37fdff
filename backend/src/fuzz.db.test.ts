import { Problem } from '@kennwilliamson/contracts/errors'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AUTHORIZATION } from './testing/authorization-matrix.ts'
import { fromSchema, mutationsOf, type JsonSchema } from './testing/from-schema.ts'
import { randomAddress, useHarness, type CallResult } from './testing/harness.ts'

// I16: each route is asked what its schema describes, and that with something wrong about it. The harness fails an answer that its schema
// does not describe (`checkAnswers`), as a 500.
const harness = useHarness()

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, unknown>
}

/** What stands for names in a path, and what a request brings. */
interface Asked {
  path: Record<string, string>
  query: Record<string, unknown>
  headers: Record<string, string>
  body: unknown
}

/** A stream does not end by itself, and a card takes a process: of both only refusals are asked for, by names that nobody has. */
const ONLY_REFUSED = /\/(?:events|card\.png)$/
/** What may be said of any request before its route has seen it. */
const GENERAL = [400, 404, 405, 413, 414, 415, 431]

async function operationOf(route: string): Promise<Operation> {
  const [method = '', path = ''] = route.split(' ')
  const { paths } = (await harness.call('GET', '/openapi.json')).body as { paths: Record<string, Record<string, Operation>> }
  const operation = paths[`/backend${path.replaceAll(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()]
  if (!operation) throw new Error(`${route} is not in the OpenAPI document`)
  return operation
}

/** Somebody with a timer, an incident and a link, who is an administrator where the route wants one. */
async function world(route: string) {
  // One of the routes closes it.
  await harness.owner`update site_settings set registration_open = true`
  const somebody = route.includes('/admin/') ? await harness.registerAdmin() : await harness.register()
  const { token, user } = somebody
  const timer = (await harness.call('POST', '/timers', { token, body: { title: 'Another' } })).body as {
    id: string
    slug: string
  }
  await harness.call('PATCH', `/timers/${timer.id}`, { token, body: { share_level: 'history' } })
  const incident = (await harness.call('POST', `/timers/${timer.id}/incidents`, { token, body: { notes: 'a note' } })).body as {
    id: string
  }
  const link = (await harness.call('POST', `/timers/${timer.id}/links`, { token, body: { share_level: 'count' } })).body as {
    id: string
    url: string
  }
  const [phrase] = await harness.owner<{ id: string }[]>`select id from phrases limit 1`
  const other = await harness.register()
  const [session] = await harness.owner<{ id: string }[]>`select id from sessions where user_id = ${user.id}`
  const suggestion = (await harness.call('POST', '/phrases/suggestions', { token, body: { phrase_text: 'One of mine' } }))
    .body as { id: string }
  /** What an id is one of, by where it stands. */
  const ids: [RegExp, string][] = [
    [/ \/timers/, timer.id],
    [/ \/incident-timers/, incident.id],
    [/\/users\//, other.user.id],
    [/\/sessions\//, session?.id ?? ''],
    [/suggestions/, suggestion.id],
    [/phrases/, phrase?.id ?? ''],
  ]
  const known: Record<string, string[]> = {
    id: ids
      .filter(([where]) => where.test(route))
      .slice(0, 1)
      .map(([, id]) => id),
    incident_id: [incident.id],
    link_id: [link.id],
    user_slug: [user.slug],
    timer_slug: [timer.slug, 'incident-timer'],
    secret: [link.url.split('/').at(-1) ?? ''],
  }
  return { token, known }
}

function validOf(
  route: string,
  { parameters = [], requestBody }: Operation,
  known: Record<string, string[]>,
): fc.Arbitrary<Asked> {
  const of = (where: string) => parameters.filter((one) => one.in === where)
  const record = (where: string) =>
    fc.record(Object.fromEntries(of(where).map(({ name, schema }) => [name, fromSchema(schema)])), {
      requiredKeys: of(where).flatMap(({ name, required }) => (required ? [name] : [])),
    })
  const path = of('path').map(({ name, schema }) => {
    const there = ONLY_REFUSED.test(route) ? [] : (known[name] ?? [])
    const made = fromSchema(schema)
      .map(String)
      .filter((text) => text.isWellFormed() && !/^\.{0,2}$/.test(text))
    return [name, there.length > 0 ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...there) }, made) : made] as const
  })
  const [body] = Object.values(requestBody?.content ?? {})
  return fc.record({
    path: fc.record(Object.fromEntries(path)),
    query: record('query'),
    // Header values are ASCII on the wire, and the harness has no other.
    headers: (record('header') as fc.Arbitrary<Record<string, unknown>>).map((headers) =>
      Object.fromEntries(
        Object.entries(headers)
          .filter(([, value]) => /^[\x21-\x7e]+$/.test(String(value)))
          .map(([name, value]) => [name, String(value)]),
      ),
    ),
    body: body ? fromSchema(body.schema) : fc.constant(undefined),
  })
}

/** The request of a route as it goes out. Text that is no text becomes what UTF-8 makes of it, as in a browser. */
async function ask(
  route: string,
  { path, query, headers, body }: Asked,
  token: string,
  type = 'application/json',
): Promise<CallResult> {
  const [method = '', pattern = ''] = route.split(' ')
  const inPath = pattern.replaceAll(/[:{](\w+)\}?/g, (_whole, name: string) =>
    encodeURIComponent((path[name] ?? '').toWellFormed()),
  )
  const asked = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
  const search = asked.size > 0 ? `?${asked.toString()}` : ''
  const payload =
    body === undefined ? {} : { body: typeof body === 'string' && type !== 'application/json' ? body : JSON.stringify(body) }
  const withType = body === undefined ? headers : { ...headers, 'content-type': type }
  return await harness.call(method, inPath + search, { ...payload, token, headers: withType, ip: randomAddress() })
}

function expectAnswer(answer: CallResult, allowed: string[]): void {
  expect(answer.status, answer.text).toBeLessThan(500)
  expect(allowed, answer.text).toContain(String(answer.status))
  if (answer.status < 400 || !String(answer.headers['content-type']).includes('json')) return
  expect(Problem.strict().parse(answer.body).status).toBe(answer.status)
}

describe('I16: every route, asked at random', () => {
  const routes = Object.keys(AUTHORIZATION)
  /** Routes that did what they were asked. */
  const answered = new Set<string>()

  test.each(routes)('%s answers what its schema describes as its document says', async (route) => {
    const operation = await operationOf(route)
    const { token, known } = await world(route)
    await fc.assert(
      fc.asyncProperty(validOf(route, operation, known), async (asked) => {
        const answer = await ask(route, asked, token)
        expectAnswer(answer, Object.keys(operation.responses))
        if (answer.status < 300) answered.add(route)
      }),
      { numRuns: propertyRuns(4) },
    )
  })

  test.each(routes)('%s refuses what is wrong about a request, and never breaks', async (route) => {
    const operation = await operationOf(route)
    const { token, known } = await world(route)
    const allowed = [...Object.keys(operation.responses), ...GENERAL.map(String)]
    const wrong = validOf(route, operation, known).chain((asked) =>
      fc.oneof(
        ...(asked.body === undefined ? [] : [mutationsOf(asked.body).map((body) => ({ ...asked, body }))]),
        mutationsOf(asked.query).map((query) => ({ ...asked, query: Object.assign({}, query) })),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((text) => ({
          ...asked,
          path: Object.fromEntries(Object.keys(asked.path).map((name) => [name, text])),
        })),
      ),
    )
    const types = fc.constantFrom(
      'application/json',
      'application/json',
      'text/plain',
      'text/csv',
      'application/x-www-form-urlencoded',
      '',
    )
    await fc.assert(
      fc.asyncProperty(wrong, types, async (asked, type) => {
        expectAnswer(await ask(route, asked, token, type), allowed)
      }),
      { numRuns: propertyRuns(8) },
    )
  })

  test('the check is not blind: most routes did what they were asked', () => {
    const not = routes.filter((route) => !answered.has(route))
    expect(not.length, `${String(not.length)} of ${String(routes.length)} did not: ${not.join(', ')}`).toBeLessThan(
      routes.length / 2,
    )
  })

  test('the check is not blind: an answer that no document names, one that breaks, and one that is no problem are found', () => {
    const answer = { status: 200, headers: { 'content-type': 'application/json' }, text: '', body: {} as never }
    expect(() => expectAnswer({ ...answer, status: 201 }, ['200'])).toThrow()
    expect(() => expectAnswer({ ...answer, status: 500 }, ['500'])).toThrow()
    expect(() => expectAnswer({ ...answer, status: 404 }, ['404'])).toThrow()
  })
})
