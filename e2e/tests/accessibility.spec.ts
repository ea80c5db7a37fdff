import { AxeBuilder } from '@axe-core/playwright'
import { alive, hydrated, onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { openSettings } from '../harness/settings.ts'
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
      // Each look takes seconds of work, three of them at once on as many pages.
      test.describe.configure({ timeout: 120_000 })

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
        for (const tab of ['suggest', 'filter', 'suggestions']) {
          await page.goto(`/incidents?tab=${tab}`)
          await alive(page)
          expect.soft(await violations(page), `/incidents, ${tab}`).toEqual([])
        }
      })

      test('every component is free of axe violations, in every state, and so is what the operator writes', async ({ page }) => {
        for (const path of ['/gallery', '/about']) {
          await page.goto(path)
          await alive(page)
          expect.soft(await violations(page), path).toEqual([])
        }
      })

      test('every page of an account is free of axe violations, in every state', async ({ page, context, problems }) => {
        const person = await someoneSignedIn(context)
        await openSettings(page)
        expect.soft(await violations(page), '/settings').toEqual([])
        const address = page.getByLabel('Your address')
        await address.fill(`${person.name} moved`)
        await address.press('Enter')
        await expect(page.getByText('leads here for 90 days').last()).toBeVisible()
        await page.getByLabel('Your name').fill('')
        await page.getByLabel('Your name').press('Enter')
        await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true')
        await page.getByRole('button', { name: 'Delete my account…' }).click()
        expect.soft(await violations(page), '/settings with a message, an error and the form for deletion').toEqual([])
        // This alone: the preview of the address above may still be under way.
        await page.route('**/backend/account/export', (route) => route.abort('failed'))
        problems.expect(/^failed: GET \S+\/backend\/account\/export/, /^console error: Failed to load resource: net::ERR_FAILED/)
        await page.getByRole('button', { name: 'Download everything' }).click()
        await expect(page.getByText('The site cannot be reached')).toBeVisible()
        expect.soft(await violations(page), '/settings with a failure').toEqual([])
        await page.unroute('**/backend/account/export')

        await page.goto('/claim')
        await hydrated(page)
        await page.getByRole('button', { name: 'Become the administrator' }).click()
        await expect(page.getByLabel('Claim code')).toHaveAttribute('aria-invalid', 'true')
        expect.soft(await violations(page), '/claim with an error').toEqual([])

        await page.goto('/reset')
        await expect(page.getByRole('heading', { name: 'This link is not whole' })).toBeVisible()
        expect.soft(await violations(page), '/reset without a token').toEqual([])
        await page.goto('/login')
        await page.goto('/reset#0123456789')
        await hydrated(page)
        expect.soft(await violations(page), '/reset').toEqual([])
        problems.expectStatus(400, /\/backend\/auth\/reset-password/)
        await page.getByLabel('New password', { exact: true }).fill(person.password)
        await page.getByRole('button', { name: 'Set the password' }).click()
        await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeFocused()
        expect.soft(await violations(page), '/reset with a link that does not work').toEqual([])
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
  for (const path of ['/', '/about', '/gallery', person.path]) {
    await page.goto(path)
    expect.soft(await overflow(), path).toBe(0)
  }
  await page.goto('/incidents')
  await onDashboard(page)
  await resetClock(page, `a long word: ${'incident'.repeat(20)}`)
  expect.soft(await overflow(), '/incidents').toBe(0)
  await openSettings(page)
  await page.getByRole('button', { name: 'Delete my account…' }).click()
  expect.soft(await overflow(), '/settings').toBe(0)
  await page.goto('/claim')
  expect.soft(await overflow(), '/claim').toBe(0)
  await page.waitForLoadState('networkidle')
  await context.clearCookies()
  for (const path of ['/login', '/register', '/reset']) {
    await page.goto(path)
    expect.soft(await overflow(), path).toBe(0)
  }
})
