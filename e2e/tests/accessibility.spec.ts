import { AxeBuilder } from '@axe-core/playwright'
import { hydrated, onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'
import type { Page } from '@playwright/test'

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary ?? ''}`))
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1440]) {
    test.describe(`${colorScheme}, ${String(width)} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } })

      test('every page is free of axe violations', async ({ page, context, anotherBrowser, problems }) => {
        const person = await someoneSignedIn(context)
        const visitor = await (await anotherBrowser({ colorScheme, viewport: { width, height: 900 } })).newPage()
        problems.expectStatus(404, /\/nobody\/incident-timer/)
        for (const path of ['/', '/login', '/register', person.path, '/nobody/incident-timer']) {
          await visitor.goto(path)
          expect.soft(await violations(visitor), path).toEqual([])
        }
        await visitor.goto('/register')
        await expect(visitor.getByRole('button', { name: 'Create my timer' })).toBeEnabled()
        await visitor.getByRole('button', { name: 'Create my timer' }).click()
        await expect(visitor.getByLabel('Your name', { exact: true })).toHaveAttribute('aria-invalid', 'true')
        expect.soft(await violations(visitor), '/register with errors').toEqual([])

        await page.goto('/incidents')
        await onDashboard(page)
        expect.soft(await violations(page), '/incidents, empty').toEqual([])
        await resetClock(page, 'something to list')
        expect.soft(await violations(page), '/incidents with a history and a message').toEqual([])
        await page.getByRole('button', { name: /^Edit/ }).click()
        expect.soft(await violations(page), '/incidents while editing').toEqual([])
      })
    })
  }
}

test('axe finds what is planted', async ({ page }) => {
  await page.goto('/login')
  await hydrated(page)
  await page.evaluate(() => document.querySelector('label[for=email]')?.remove())
  expect((await violations(page)).join('\n')).toMatch(/^label: /m)
})

test('nothing scrolls sideways at 320 px', async ({ page, context }) => {
  const person = await someoneSignedIn(context)
  await page.setViewportSize({ width: 320, height: 640 })
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  for (const path of ['/', person.path]) {
    await page.goto(path)
    expect.soft(await overflow(), path).toBe(0)
  }
  await page.goto('/incidents')
  await onDashboard(page)
  await resetClock(page, `a long word: ${'incident'.repeat(20)}`)
  expect.soft(await overflow(), '/incidents').toBe(0)
  await context.clearCookies()
  for (const path of ['/login', '/register']) {
    await page.goto(path)
    expect.soft(await overflow(), path).toBe(0)
  }
})
