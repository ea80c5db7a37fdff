import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildTestApp, testConfig, useHarness } from './testing/harness.ts'
import type { App } from './http/schemas.ts'

const harness = useHarness()
let app: App
let port = 0
let token = ''
let incidentId = ''

beforeAll(async () => {
  const built = buildTestApp(testConfig('postgres://unused'), harness.sql, {}, { revoked: harness.parts.revoked })
  app = built.app
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
  token = (await harness.register()).token
  const entry = await harness.call('POST', '/incident-timers', { token, body: { notes: 'as it was' } })
  incidentId = (entry.body as { id: string }).id
})
afterAll(() => app.close())

/** A request whose path is sent to the letter. */
function send(method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject)
    request.end()
  })
}

/** Every route that wants to be signed in for, about things that are there. */
async function guardedRoutes(): Promise<{ method: string; path: string }[]> {
  return Object.entries(app.swagger().paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, { security?: unknown[] }>)
      .filter(([, { security }]) => security !== undefined)
      .map(([method]) => ({ method: method.toUpperCase(), path: path.replace('{id}', incidentId).replaceAll(/\{\w+\}/g, 'x') })),
  )
}

/** Other ways to write a path, each of which somebody could take for the same. */
const SPELLINGS: [string, (path: string) => string][] = [
  ['a slash at the end', (path) => `${path}/`],
  ['two slashes', (path) => path.replace('/backend/', '/backend//')],
  ['two slashes in front', (path) => `/${path}`],
  ['capitals', (path) => path.replace(/\/([a-z])/g, (_, letter: string) => `/${letter.toUpperCase()}`)],
  ['a matrix parameter', (path) => `${path};role=admin`],
  ['a dot as a segment', (path) => path.replace('/backend/', '/backend/./')],
  ['an encoded dot as a segment', (path) => path.replace('/backend/', '/backend/%2e/')],
  ['a way up and down again', (path) => path.replace('/backend/', '/backend/health/../')],
  ['an encoded way up', (path) => path.replace('/backend/', '/backend/health/%2e%2e/')],
  ['an encoded slash', (path) => path.replace('/backend/', '/backend%2f')],
  ['a backslash', (path) => path.replace('/backend/', '/backend\\')],
  ['an encoded NUL', (path) => `${path}%00`],
  [
    'an encoded letter',
    (path) => path.replace(/\/backend\/(.)/, (_, letter: string) => `/backend/%${letter.charCodeAt(0).toString(16)}`),
  ],
  ['an ending', (path) => `${path}.json`],
]

describe('Z07: another spelling of a path', () => {
  test.each(SPELLINGS)('%s: is never answered to whoever is not signed in', async (_what, spell) => {
    for (const { method, path } of await guardedRoutes()) {
      const spelled = spell(path)
      // These words stand where other routes have an id: written otherwise it is one, to which nobody can POST.
      const refusals = /\/(?:incidents\/preview|suggestions\/seen)$/.test(path) ? [400, 401, 404, 405] : [400, 401, 404]
      expect(refusals, `${method} ${spelled}`).toContain(await send(method, spelled))
    }
  })

  test('the decision would be seen: the same requests are answered to whoever is', async () => {
    const authorization = `Bearer ${token}`
    expect(await send('GET', '/backend/incident-timers', { authorization })).toBe(200)
    // A letter may be written as its code (RFC 3986, 6.2.2.2): the same path, the same decision.
    expect(await send('GET', '/backend/%69ncident-timers', { authorization })).toBe(200)
    expect(await send('GET', '/backend/incident-timers/', { authorization })).toBe(404)
  })
})

describe('Z07: a header or a parameter that names another method', () => {
  const names = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-method']

  test('changes nothing: the request line decides', async () => {
    const path = `/backend/incident-timers/${incidentId}`
    const authorization = `Bearer ${token}`
    for (const name of names) {
      expect(await send('GET', path, { authorization, [name]: 'DELETE' })).toBe(405)
      expect(await send('POST', path, { authorization, [name]: 'DELETE' })).toBe(405)
      expect(await send('DELETE', path, { [name]: 'GET' })).toBe(401)
    }
    expect(await send('POST', `${path}?_method=DELETE`, { authorization })).toBe(405)
    expect(
      await send('GET', '/backend/auth/login', {
        authorization,
        'x-original-url': '/backend/auth/me',
        'x-rewrite-url': '/backend/auth/me',
      }),
    ).toBe(405)
    const left = await harness.call('GET', '/incident-timers', { token })
    expect(left.body).toMatchObject([{ id: incidentId, notes: 'as it was' }])
    // What the request line says is done.
    expect(await send('DELETE', path, { authorization, 'x-http-method-override': 'GET' })).toBe(204)
  })
})
