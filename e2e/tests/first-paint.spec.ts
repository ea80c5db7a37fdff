import { alive } from '../harness/people.ts'
import { newOwner } from '../harness/owner.ts'
import { expect, test } from '../harness/test.ts'

for (const [name, address] of [
  ['the home page', '/'],
  ['the sign-in', '/login'],
  ['a public page', 'public'],
] as const) {
  test(`the first paint waits for one answer: ${name} asks for no stylesheet, and for its scripts once it is painted`, async ({
    context,
    anotherBrowser,
  }) => {
    const path = address === 'public' ? (await newOwner(context, 'history')).person.path : address
    const page = await (await anotherBrowser()).newPage()
    const kinds: string[] = []
    page.on('request', (request) => kinds.push(request.resourceType()))
    await page.goto(path)
    await alive(page)
    const { painted, scripts } = await page.evaluate(() => ({
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
      scripts: performance
        .getEntriesByType('resource')
        .filter((entry) => new URL(entry.name).pathname.endsWith('.js'))
        .map((entry) => entry.startTime),
    }))
    expect(kinds).not.toContain('stylesheet')
    expect(scripts.length).toBeGreaterThan(2)
    expect(Math.min(...scripts)).toBeGreaterThan(painted)
    expect(await page.locator('style').count()).toBe(1)
  })
}

test('a browser that says nothing of its paints comes alive all the same', async ({ page }) => {
  await page.addInitScript(() => {
    globalThis.PerformanceObserver = class extends PerformanceObserver {
      override observe(): void {
        return undefined
      }
    }
  })
  await page.goto('/')
  await alive(page)
})

test('a style that is not of the build has no effect, and the browser says so', async ({ page, problems }) => {
  problems.expect(/Content Security Policy/i)
  await page.route('/login', async (route) => {
    const answer = await route.fetch()
    const body = (await answer.text()).replace('<body>', '<body><style>h1 { color: rgb(1, 2, 3) !important }</style>')
    await route.fulfill({ response: answer, body })
  })
  await page.goto('/login')
  await expect(page.locator('h1')).not.toHaveCSS('color', 'rgb(1, 2, 3)')
})

test('what has a page in it goes on to another, whose styles come with its scripts', async ({ page }) => {
  await page.goto('/about')
  await alive(page)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByLabel('Password', { exact: true })).toHaveCSS('border-top-style', 'solid')
})
