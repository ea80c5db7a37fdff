import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { buildTestApp, expectProblem, PASSWORD, randomAddress, SITE_URL, testConfig, useHarness } from '../testing/harness.ts'
import type { App } from './schemas.ts'

const LISTED = 'https://app.example.org'
const harness = useHarness()
const withList = useHarness({ config: { corsOrigins: [LISTED, 'http://localhost:5173'] } })

/** Site: localhost:8443. Each of these is somebody else. */
const OTHERS = [
  'https://evil.example',
  'null',
  'https://localhost',
  'https://localhost:8444',
  'http://localhost:8443',
  'https://localhost:8443.evil.example',
  'https://localhost.evil.example:8443',
  'https://evil-localhost:8443',
  'https://sub.localhost:8443',
  'https://LOCALHOST:8443',
  'HTTPS://localhost:8443',
  'https://localhost:8443/',
  'https://localhost:8443@evil.example',
  `${SITE_URL}, https://evil.example`,
  `https://evil.example, ${SITE_URL}`,
  `${SITE_URL}, ${SITE_URL}`,
  `${LISTED}.evil.example`,
  'https://app.example.org:8443',
  'http://app.example.org',
  'https://APP.example.org',
  `${LISTED}, https://evil.example`,
  '*',
  '',
]
const OTHER_SITES = ['cross-site', 'same-site', 'Same-Origin', 'SAME-ORIGIN', 'same-origin, cross-site', 'nonsense', '']

interface Operation {
  method: string
  url: string
  isGuarded: boolean
}

/** Every operation that the API describes, on an id that nobody has. */
async function operations(): Promise<Operation[]> {
  const { paths } = (await harness.call('GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, { security?: unknown[]; responses: object }>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      url: path.replace('/backend', '').replaceAll(/\{\w+\}/g, '0198a9a0-0000-7000-8000-000000000000'),
      isGuarded: operation.security !== undefined,
    })),
  )
}

/** Whether a sign-up with these headers goes through: what the database says, not the answer. */
async function signUpGoesThrough(app: App, headers: Record<string, string>): Promise<boolean> {
  const id = randomUUID().slice(0, 8)
  const email = `${id}@example.org`
  await app.inject({
    method: 'POST',
    url: '/backend/auth/register',
    remoteAddress: randomAddress(),
    headers,
    payload: { email, password: PASSWORD, display_name: `Person ${id}` },
  })
  return (await harness.owner`select from users where email = ${email}`).length === 1
}

describe('what another site’s page asks in a visitor’s name', () => {
  test('C01: a form of another site is refused before its body is read; without a browser’s words it is no JSON', async () => {
    const { token } = await harness.register()
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json']
    for (const type of types) {
      for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
        const options = { token, body: '{"notes":"forged"', headers: { ...headers, 'content-type': type } }
        expectProblem(await harness.call('POST', '/incident-timers', options), 403, 'CROSS_SITE_REQUEST')
      }
    }
    for (const type of types.slice(0, 3)) {
      const options = { token, body: '{"notes":"forged"}', headers: { 'content-type': type } }
      expectProblem(await harness.call('POST', '/incident-timers', options), 415, 'UNSUPPORTED_MEDIA_TYPE')
    }
    expect((await harness.call('GET', '/incident-timers', { token })).body).toEqual([])
  })

  test('C01: far too large a body is refused for where it comes from, not for its size', async () => {
    const answer = await harness.call('POST', '/auth/login', {
      body: 'x'.repeat(70_000),
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    })
    expectProblem(answer, 403, 'CROSS_SITE_REQUEST')
  })

  test('C02: no origin but the site’s own may write, however alike it looks', async () => {
    const { token } = await harness.register()
    for (const origin of OTHERS) {
      const answer = await harness.call('POST', '/incident-timers', { token, body: {}, headers: { origin } })
      expect([origin, answer.status]).toEqual([origin, 403])
      expectProblem(answer, 403, 'CROSS_SITE_REQUEST')
    }
    expect((await harness.call('GET', '/incident-timers', { token })).body).toEqual([])
  })

  test('C02: sign-up, sign-in, refresh and sign-out in another site’s name do nothing', async () => {
    const session = await harness.register()
    const headers = { origin: 'https://evil.example' }
    expect(await signUpGoesThrough(harness.app, headers)).toBe(false)
    const body = { refresh_token: session.refresh_token }
    const login = { email: session.user.email, password: PASSWORD }
    expectProblem(await harness.call('POST', '/auth/login', { body: login, headers }), 403, 'CROSS_SITE_REQUEST')
    for (const path of ['/auth/refresh', '/auth/revoke'])
      expectProblem(await harness.call('POST', path, { body, headers }), 403, 'CROSS_SITE_REQUEST')
    const again = await harness.call('POST', '/auth/refresh', { body })
    expect((again.body as SessionAnswer).user).toEqual(session.user)
  })

  test('C03: every route that changes something or is behind sign-in refuses other sites, and no other route does', async () => {
    const all = await operations()
    expect(all.length).toBeGreaterThan(15)
    const { token } = await harness.register()
    for (const { method, url, isGuarded } of all) {
      const concerned = isGuarded || !['GET', 'HEAD'].includes(method)
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }]) {
        const { text } = await harness.call(method, url, { token, headers })
        expect([method, url, text.includes('CROSS_SITE_REQUEST')]).toEqual([method, url, concerned])
      }
    }
  })

  test('C03: anything but `same-origin` and `none` is another site, for reading what is private too', async () => {
    const { token } = await harness.register()
    for (const site of OTHER_SITES) {
      for (const method of ['GET', 'HEAD'])
        expect((await harness.call(method, '/auth/me', { token, headers: { 'sec-fetch-site': site } })).status, site).toBe(403)
      const write = await harness.call('POST', '/incident-timers', { token, body: {}, headers: { 'sec-fetch-site': site } })
      expectProblem(write, 403, 'CROSS_SITE_REQUEST')
    }
    // The word of one header does not make up for that of the other.
    const mixed = { origin: SITE_URL, 'sec-fetch-site': 'cross-site' }
    expectProblem(await harness.call('GET', '/auth/me', { token, headers: mixed }), 403, 'CROSS_SITE_REQUEST')
    const mixedToo = { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }
    expectProblem(await harness.call('GET', '/auth/me', { token, headers: mixedToo }), 403, 'CROSS_SITE_REQUEST')
  })

  test('the refusal comes before anyone asks who is signed in, and is a problem with the standard headers', async () => {
    const answer = await harness.call('GET', '/auth/me', { headers: { 'sec-fetch-site': 'cross-site' } })
    expectProblem(answer, 403, 'CROSS_SITE_REQUEST')
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })

  test('every route that may refuse so says so in its description', async () => {
    const { paths } = (await harness.call('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { security?: unknown[]; responses: object }>>
    }
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security, responses }] of Object.entries(methods)) {
        if (security || method !== 'get') expect(Object.keys(responses), `${method} ${path}`).toContain('403')
      }
    }
  })
})

describe('what passes', () => {
  test('our own pages, by the address of the site and by any that nginx was asked by', async () => {
    const { token } = await harness.register()
    const own = [
      { origin: SITE_URL },
      { origin: SITE_URL, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      {},
      { origin: 'https://site.lan:8443', 'x-forwarded-host': 'site.lan:8443', 'x-forwarded-proto': 'https' },
      { origin: 'https://site.lan', 'x-forwarded-host': 'Site.LAN:443', 'x-forwarded-proto': 'https' },
      { origin: 'http://127.0.0.1:8088', host: '127.0.0.1:8088' },
    ]
    for (const headers of own) {
      const answer = await harness.call('POST', '/incident-timers', {
        token,
        body: {},
        headers,
      })
      expect([headers, answer.status]).toEqual([headers, 201])
    }
  })

  test('C02: the scheme counts: a page from the plain http of the same host is another', async () => {
    const { token } = await harness.register()
    const headers = { origin: 'http://site.lan:8443', 'x-forwarded-host': 'site.lan:8443', 'x-forwarded-proto': 'https' }
    expectProblem(await harness.call('POST', '/incident-timers', { token, body: {}, headers }), 403, 'CROSS_SITE_REQUEST')
  })

  test('what is public may be read from anywhere, as a picture or by a program, but not by another site’s script', async () => {
    const { user } = await harness.register({ share_level: 'count' })
    for (const headers of [{ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      const answer = await harness.call('GET', `/shared/${user.slug}/incident-timer`, {
        headers,
      })
      expect(answer.status).toBe(200)
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      expect(answer.headers).toMatchObject({ 'x-accel-expires': '1' })
    }
  })
})

describe('CORS', () => {
  const preflight = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,content-type',
    'sec-fetch-site': 'cross-site',
  }
  const corsHeaders = (headers: object): string[] => Object.keys(headers).filter((name) => /^access-control-|^vary$/.test(name))

  test('C02: without a list no answer has any of its headers, and OPTIONS is 405', async () => {
    const { token } = await harness.register()
    for (const origin of [LISTED, SITE_URL, 'null', 'https://evil.example']) {
      const asked = await harness.call('OPTIONS', '/incident-timers', { headers: { ...preflight, origin } })
      expectProblem(asked, 405, 'METHOD_NOT_ALLOWED')
      expect(asked.headers.allow).toContain('POST')
      for (const path of ['/health', '/auth/me', '/nothing-here', '/openapi.json']) {
        const { headers } = await harness.call('GET', path, { token, headers: { origin } })
        expect(corsHeaders(headers)).toEqual([])
      }
      expect(corsHeaders(asked.headers)).toEqual([])
    }
  })

  test('a listed origin may ask, with all that our clients send', async () => {
    for (const origin of [LISTED, 'http://localhost:5173']) {
      const { status, text, headers } = await withList.call('OPTIONS', '/incident-timers', { headers: { ...preflight, origin } })
      expect([status, text]).toEqual([204, ''])
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, x-device-token',
        'access-control-max-age': '600',
        vary: 'Origin',
        'x-content-type-options': 'nosniff',
      })
      expect(headers).not.toHaveProperty('access-control-allow-credentials')
    }
  })

  test('a listed origin reads, writes, and is told of errors', async () => {
    const { token, user } = await withList.register()
    const headers = { origin: LISTED, 'sec-fetch-site': 'cross-site' }
    const answers = [
      [201, await withList.call('POST', '/incident-timers', { token, body: {}, headers })],
      [200, await withList.call('GET', '/auth/me', { token, headers })],
      [401, await withList.call('GET', '/auth/me', { headers })],
      [400, await withList.call('POST', '/auth/login', { body: {}, headers })],
      [404, await withList.call('GET', '/nothing-here', { headers })],
      [404, await withList.call('OPTIONS', '/nothing-here', { headers: { ...headers, ...preflight } })],
      [405, await withList.call('PATCH', '/incident-timers', { headers })],
      [405, await withList.call('OPTIONS', '/incident-timers', { headers })],
      [200, await withList.call('GET', `/shared/${user.slug}/incident-timer`, { headers })],
    ] as const
    for (const [status, answer] of answers) {
      expect(answer.status).toBe(status)
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': LISTED,
        'access-control-expose-headers': 'etag, retry-after, x-request-id, x-device-token, content-disposition',
        vary: 'Origin',
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    }
  })

  test('a listed origin is told of an overload too', async () => {
    const { app } = buildTestApp(testConfig('postgres://unused', { corsOrigins: [LISTED] }), harness.sql, { maxInFlight: 0 })
    const answer = await app.inject({ url: '/backend/auth/me', headers: { origin: LISTED } })
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([503, LISTED])
    await app.close()
  })

  test('C02: with a list, whoever is not on it gets nothing, to the letter', async () => {
    const { token } = await withList.register()
    for (const origin of OTHERS) {
      const asked = await withList.call('OPTIONS', '/incident-timers', { headers: { ...preflight, origin } })
      expectProblem(asked, 405, 'METHOD_NOT_ALLOWED')
      const read = await withList.call('GET', '/auth/me', { token, headers: { origin } })
      expectProblem(read, 403, 'CROSS_SITE_REQUEST')
      expectProblem(await withList.call('POST', '/incident-timers', { token, headers: { origin } }), 403, 'CROSS_SITE_REQUEST')
      for (const { headers } of [asked, read]) expect(corsHeaders(headers)).toEqual(['vary'])
    }
  })

  test('what one origin may read is never kept for others', async () => {
    const { user } = await withList.register({ share_level: 'count' })
    const path = `/shared/${user.slug}/incident-timer`
    const forOrigin = await withList.call('GET', path, { headers: { origin: LISTED } })
    expect(forOrigin.headers).not.toHaveProperty('x-accel-expires')
    const forAll = await withList.call('GET', path)
    expect(forAll.headers).toMatchObject({ 'x-accel-expires': '1', vary: 'Origin' })
    expect(forAll.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('negative control', () => {
  afterEach(() => {
    vi.doUnmock('./cross-origin.ts')
    vi.resetModules()
  })

  test('C02: with the guard taken out, the same request goes through, and the check sees it', async () => {
    vi.resetModules()
    vi.doMock(import('./cross-origin.ts'), () => ({ refuseOtherSites: () => undefined, answerListedOrigins: () => undefined }))
    const { buildTestApp: buildUnguarded } = await import('../testing/harness.ts')
    const { app } = buildUnguarded(testConfig('postgres://unused'), harness.sql)
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect(await signUpGoesThrough(app, headers as Record<string, string>)).toBe(true)
      expect(await signUpGoesThrough(harness.app, headers as Record<string, string>)).toBe(false)
    }
    await app.close()
  })
})
