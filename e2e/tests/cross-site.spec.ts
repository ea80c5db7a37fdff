import { someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

/** What one can ask of the session bridge that tells about the person signed in. */
const PRIVATE = ['/api/auth/jwt', '/api/_auth/session', '/api/incident-timers']
const CHANGES = ['/api/auth/login', '/api/auth/register', '/api/auth/refresh', '/api/auth/logout']

test('C01 a form of another site changes nothing, with the words of a browser or without', async ({ context }) => {
  const person = await someoneSignedIn(context)
  const text = JSON.stringify({ email: person.email, password: person.password })
  for (const path of ['/api/auth/login', '/api/auth/register']) {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json-seq',
    ]) {
      const data = Buffer.from(text)
      const plain = await context.request.post(path, { headers: { 'content-type': type }, data })
      expect(plain.status(), `${path} ${type}`).toBe(415)
      const foreign = await context.request.post(path, {
        headers: { 'content-type': type, 'sec-fetch-site': 'cross-site' },
        data,
      })
      expect(foreign.status(), `${path} ${type}`).toBe(403)
      for (const answer of [plain, foreign]) expect(answer.headers()['set-cookie']).toBeUndefined()
    }
  }
  // The same words as JSON of our own are taken.
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
  expect((await context.request.post('/api/auth/login', { headers, data: text })).status()).toBe(200)
})

test('C03 what is private is shown to no other site, and nothing is changed for one', async ({ context }) => {
  await someoneSignedIn(context)
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }
    for (const path of PRIVATE) {
      const answer = await context.request.get(path, { headers })
      expect(answer.status(), `${site} ${path}`).toBe(403)
      expect(answer.headers()['access-control-allow-origin']).toBeUndefined()
    }
    for (const path of CHANGES)
      expect((await context.request.post(path, { headers, data: {} })).status(), `${site} ${path}`).toBe(403)
  }
  for (const path of PRIVATE) {
    expect((await context.request.get(path, { headers: { 'sec-fetch-site': 'same-origin' } })).status(), path).toBe(200)
  }
})

test('C03 a link of another site to a private page works: that is how people come back', async ({ context }) => {
  await someoneSignedIn(context)
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect((await context.request.get('/incidents', { headers, maxRedirects: 0 })).status()).toBe(200)
})

test('C07 no window of another site keeps a hold of ours, and none of our answers can be embedded', async ({
  context,
  page,
  baseURL,
  problems,
}) => {
  const person = await someoneSignedIn(context)
  for (const path of ['/', '/login', '/register', '/incidents', person.path, '/nobody/nothing']) {
    const headers = (await context.request.get(path)).headers()
    expect(headers['cross-origin-opener-policy'], path).toBe('same-origin')
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'")
  }
  for (const path of ['/backend/health', '/backend/nothing', '/backend/openapi.json', ...PRIVATE]) {
    const headers = (await context.request.get(path)).headers()
    expect(headers['cross-origin-resource-policy'], path).toBe('same-origin')
    expect(headers['x-content-type-options'], path).toBe('nosniff')
  }
  // As Chromium understands it: what opens a page of ours loses sight of it.
  await page.route('https://elsewhere.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>elsewhere</title>' }),
  )
  await page.goto('https://elsewhere.example/')
  const opened = context.waitForEvent('page')
  await page.evaluate(
    (url) => {
      Object.assign(window, { opened: window.open(url) })
    },
    `${baseURL ?? ''}/login`,
  )
  await (await opened).waitForLoadState()
  await expect.poll(() => page.evaluate(() => (window as unknown as { opened: Window }).opened.closed)).toBe(true)
  expect(problems.take().join('\n')).toContain('off the site: https://elsewhere.example/')
})
