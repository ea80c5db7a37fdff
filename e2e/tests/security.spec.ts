import { newPerson, onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

const ELSEWHERE = 'http://elsewhere.example'

test.describe('headers', () => {
  for (const [what, path, status] of [
    ['the front page', '/', 200],
    ['the sign-in page', '/login', 200],
    ['a page that is not there', '/nobody/nothing', 404],
    ['an answer of the API', '/backend/health', 200],
    ['a refusal of the API', '/backend/nothing', 404],
    ['an answer of the session bridge', '/api/_auth/session', 200],
    ['an error of nginx itself', '/%', 400],
  ] as const) {
    test(`H10 H13 are all there, once, on ${what}`, async ({ request, baseURL }) => {
      const answer = await request.get(`${baseURL ?? ''}${path}`, { maxRedirects: 0 })
      expect(answer.status()).toBe(status)
      const sent = answer.headersArray()
      const all = (name: string) => sent.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value)
      expect(all('content-security-policy')).toHaveLength(1)
      expect(all('content-security-policy')[0]).toMatch(/frame-ancestors 'none'/)
      expect(all('content-security-policy')[0]).not.toMatch(/unsafe-inline|unsafe-eval/)
      expect(all('x-content-type-options')).toEqual(['nosniff'])
      expect(all('strict-transport-security')).toHaveLength(1)
      expect(all('referrer-policy')).toHaveLength(1)
      expect(all('cross-origin-opener-policy')).toEqual(['same-origin'])
      expect(all('cross-origin-resource-policy')).toHaveLength(1)
      expect(all('content-type')).toHaveLength(1)
      expect(all('x-powered-by')).toEqual([])
      expect(all('server').join('')).not.toMatch(/\d/)
    })
  }
})

test('C05 the sign-in page cannot be framed', async ({ page, baseURL, problems }) => {
  await page.route(`${ELSEWHERE}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: `<title>elsewhere</title><iframe src="${baseURL ?? ''}/login"></iframe>` }),
  )
  await page.goto(`${ELSEWHERE}/`)
  await expect.poll(() => page.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/')
  expect(problems.take().join('\n')).toContain(`off the site: ${ELSEWHERE}/`)
})

test('C05 what may be framed is framed: the test above would see it', async ({ page, problems }) => {
  await page.route(`${ELSEWHERE}/**`, (route) => {
    const isFrame = route.request().url().endsWith('/inner')
    return route.fulfill({ contentType: 'text/html', body: isFrame ? 'inside' : '<iframe src="/inner"></iframe>' })
  })
  await page.goto(`${ELSEWHERE}/`)
  await expect(page.frameLocator('iframe').getByText('inside')).toBeVisible()
  problems.take()
})

test('C07 a site that opens this one gets no hold of it', async ({ page, baseURL, problems }) => {
  const opened = async (target: string) => {
    await page.route(`${ELSEWHERE}/**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>elsewhere</title><button>open</button>' }),
    )
    await page.goto(`${ELSEWHERE}/`)
    await page.evaluate((url) => {
      document.querySelector('button')?.addEventListener('click', () => {
        Object.assign(globalThis, { opened: open(url) })
      })
    }, target)
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: 'open' }).click()])
    await popup.waitForLoadState()
    const hold = {
      forward: await page.evaluate(() => (globalThis as unknown as { opened: Window | null }).opened?.closed === false),
      back: await popup.evaluate(() => opener !== null),
    }
    await popup.close()
    return hold
  }
  expect(await opened(`${baseURL ?? ''}/login`)).toEqual({ forward: false, back: false })
  // A site that does not guard itself would be held.
  expect(await opened(`${ELSEWHERE}/other`)).toEqual({ forward: true, back: true })
  problems.take()
})

test('P08 no page asks anything of another site', async ({ page, context, baseURL }) => {
  const asked = new Set<string>()
  context.on('request', (request) => asked.add(new URL(request.url()).origin))
  const person = await someoneSignedIn(context)
  for (const path of ['/', person.path, '/incidents', '/settings', '/claim', '/reset']) {
    // The public page listens for as long as it is open, so it is never idle: its last request is the one to listen.
    const listening = path === person.path && page.waitForResponse((answer) => answer.url().endsWith(`${path}/events`))
    await page.goto(path)
    if (listening) expect((await listening).status()).toBe(200)
    else await page.waitForLoadState('networkidle')
  }
  await context.clearCookies()
  for (const path of ['/login', '/register']) {
    await page.goto(path)
    await page.waitForLoadState('networkidle')
  }
  expect([...asked]).toEqual([new URL(baseURL ?? '').origin])
})

test('A16 another site cannot sign its visitor in', async ({ page, context, anotherBrowser, baseURL, problems }) => {
  const person = await someoneSignedIn(await anotherBrowser())
  await page.route(`${ELSEWHERE}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" enctype="text/plain" action="${baseURL ?? ''}/api/auth/login">
        <input name='{"email":"${person.email}","password":"${person.password}","x":"' value='"}'><button>go</button></form>`,
    }),
  )
  await page.goto(`${ELSEWHERE}/`)
  const [answer] = await Promise.all([
    page.waitForResponse(/\/api\/auth\/login$/),
    // It may come after the answer, and would then be nobody's.
    page.waitForEvent('console', (message) => message.text().includes('403')),
    page.getByRole('button', { name: 'go' }).click(),
  ])
  expect(answer.status()).toBe(403)
  expect(await context.cookies()).toEqual([])
  problems.take()
})

test('A16 C02 a request that says it comes from elsewhere is refused, and changes nothing', async ({
  context,
  playwright,
  baseURL,
}) => {
  const person = await someoneSignedIn(context)
  const client = await playwright.request.newContext({ baseURL: baseURL ?? '', ignoreHTTPSErrors: true })
  const data = { email: person.email, password: person.password }
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: ELSEWHERE },
    { origin: `${baseURL ?? ''}.elsewhere.example` },
    { origin: 'null' },
  ]) {
    for (const path of ['/api/auth/login', '/api/auth/register', '/api/auth/refresh', '/api/auth/logout']) {
      const answer = await client.post(path, { headers, data })
      expect(answer.status(), `${path} ${JSON.stringify(headers)}`).toBe(403)
      expect(answer.headers()['set-cookie']).toBeUndefined()
      expect(answer.headers()['access-control-allow-origin']).toBeUndefined()
    }
  }
  const own = await client.post('/api/auth/login', { headers: { origin: baseURL ?? '', 'sec-fetch-site': 'same-origin' }, data })
  expect(own.status()).toBe(200)
  await client.dispose()
})

test('I02 a name and a note are text, wherever they are shown', async ({ page, context, anotherBrowser }) => {
  const person = { ...newPerson(), name: `<img src=x onerror=alert(1)> ${newPerson().name}` }
  const answer = await context.request.post('/api/auth/register', {
    data: { email: person.email, password: person.password, display_name: person.name.slice(0, 50) },
  })
  expect(answer.status()).toBe(200)
  const { user } = (await (await context.request.get('/api/_auth/session')).json()) as { user: { slug: string } }
  await page.goto('/incidents')
  await onDashboard(page)
  await resetClock(page, '</script><script>alert(2)</script>')
  await page.reload()
  await expect(page.getByText('</script><script>alert(2)</script>')).toBeVisible()
  const visitor = await (await anotherBrowser()).newPage()
  await visitor.goto(`/${encodeURIComponent(user.slug)}/incident-timer`)
  await expect(visitor.getByText('<img src=x onerror=alert(1)>').first()).toBeVisible()
})
