import type { Page } from '@playwright/test'
import { setTimeout as delay } from 'node:timers/promises'
import { newPerson, onDashboard, someoneSignedIn } from '../harness/people.ts'
import { openSettings, signInDevice } from '../harness/settings.ts'
import { expect, test } from '../harness/test.ts'

// On a phone's width.
test.use({ viewport: { width: 390, height: 844 } })

/** What is revoked is dead everywhere within this time. */
const REVOKED_MS = 1_000

/** Notes every movement of what a page shows; gives how far things have moved, as layout shifts (web-vitals) are counted. */
async function watchShifts(page: Page): Promise<() => Promise<number[]>> {
  await page.addInitScript(() => {
    const seen: number[] = Object.assign(globalThis, { shifts: [] }).shifts
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.push((entry as PerformanceEntry & { value: number }).value)
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)
}

test.describe('the settings', () => {
  test('ask whoever is signed out to sign in, and come back', async ({ page, anotherBrowser }) => {
    const person = await someoneSignedIn(await anotherBrowser())
    for (const path of ['/settings', '/claim']) {
      await page.goto(path)
      await expect(page).toHaveURL(new RegExp(`/login\\?redirect=${path}$`))
    }
    await page.goto('/settings')
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
    await page.getByLabel('E-mail').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL(/\/settings$/)
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeFocused()
  })

  test('keep what was typed when the site cannot be reached, and when the session has ended meanwhile', async ({
    page,
    context,
    anotherBrowser,
    problems,
  }) => {
    const person = await someoneSignedIn(context)
    await openSettings(page)
    const profile = page.getByRole('region', { name: 'Profile' })
    const name = profile.getByRole('textbox', { name: 'Your name' })
    await name.fill('Typed offline')
    // Changes only: what a part of the page still loads is not what is tested here.
    await page.route('**/backend/**', (route) => (route.request().method() === 'PUT' ? route.abort('failed') : route.continue()))
    problems.expect(/^failed: PUT \S+\/backend\//, /^console error: Failed to load resource: net::ERR_FAILED/)
    await name.press('Enter')
    await expect(profile.getByRole('alert')).toContainText('The site cannot be reached')
    await expect(profile.locator('#profile-failure')).toBeFocused()
    await expect(name).toHaveValue('Typed offline')
    await page.unroute('**/backend/**')

    const elsewhere = await anotherBrowser()
    await signInDevice(elsewhere, person)
    const { token } = (await (await elsewhere.request.get('/api/auth/jwt')).json()) as { token: string }
    const revoked = await elsewhere.request.post('/backend/auth/revoke-all', { headers: { authorization: `Bearer ${token}` } })
    expect(revoked.status()).toBe(200)
    await delay(REVOKED_MS)
    problems.expectStatus(401, /\/(?:backend|api\/auth\/jwt)/)
    await name.press('Enter')
    await expect(profile.getByRole('alert')).toContainText('Your session has ended')
    await expect(name).toHaveValue('Typed offline')

    await signInDevice(context, person)
    await name.press('Enter')
    await expect(profile.getByRole('status')).toHaveText('Saved')
  })

  test('show a part that cannot be loaded with a way to try again, and leave the others alone', async ({
    page,
    context,
    problems,
  }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await page.route('**/backend/auth/sessions', (route) => route.abort('failed'))
    problems.expect(/^failed: GET \S+\/backend\/auth\/sessions/, /^console error: Failed to load resource: net::ERR_FAILED/)
    await page.getByRole('link', { name: 'Settings' }).click()
    const devices = page.getByRole('region', { name: 'Where you are signed in' })
    await expect(devices.getByRole('alert')).toContainText('The site cannot be reached')
    await expect(page.getByRole('region', { name: 'What happened' }).getByText('You created the account')).toBeVisible()
    await page.unroute('**/backend/auth/sessions')
    await devices.getByRole('button', { name: 'Try again' }).press('Enter')
    await expect(devices.getByRole('listitem')).toHaveCount(1)
  })

  test('can be touched: every target is 44 px high', async ({ page, context }) => {
    await someoneSignedIn(context)
    await openSettings(page)
    await page.getByRole('button', { name: 'Delete my account…' }).click()
    const small = await page
      .locator('main a, main button, main input:visible, header a, header button')
      .evaluateAll((targets) =>
        targets
          .filter((target) => target.getBoundingClientRect().height < 44)
          .map((target) => `${target.textContent} ${String(target.getBoundingClientRect().height)}`),
      )
    expect(small).toEqual([])
  })

  test('do not move while they load', async ({ page, context }) => {
    await someoneSignedIn(context)
    const shifts = await watchShifts(page)
    await openSettings(page)
    await page.evaluate(() => document.fonts.ready)
    await delay(500)
    expect(await shifts()).toEqual([])
    // A movement would have been seen.
    await page.evaluate(() =>
      document.querySelector('h1')?.before(Object.assign(document.createElement('p'), { textContent: 'x' })),
    )
    await expect.poll(shifts).not.toEqual([])
  })

  test('hardly move when fonts come late', async ({ page, context }) => {
    await someoneSignedIn(context)
    await page.route('**/*.woff2', async (route) => {
      await delay(800)
      await route.continue()
    })
    const shifts = await watchShifts(page)
    await openSettings(page)
    await page.evaluate(() => document.fonts.ready)
    await delay(500)
    const moved = (await shifts()).reduce((sum, one) => sum + one, 0)
    // Before what stood there until then had the measures of our fonts: 0.03. A thousandth is no pixel's worth that anybody sees.
    expect(moved).toBeLessThan(0.001)
  })

  test('P10 S20 leave nothing private behind the back button', async ({ page, context }) => {
    const person = await someoneSignedIn(context)
    await openSettings(page)
    const html = await page.content()
    expect(html).toContain(person.email)
    expect(html).not.toMatch(/eyJ[\w-]{10,}\.|\b[0-9a-f]{64}\b/)
    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await expect(page).not.toHaveURL(/\/settings/)
    await page.goBack()
    await page.waitForLoadState('networkidle')
    expect(await page.content()).not.toContain(person.email)
  })

  test('never write for whoever signed in since, in another tab', async ({ page, context }) => {
    await someoneSignedIn(context)
    await openSettings(page)
    await someoneSignedIn(context)
    const stranger = newPerson()
    // Whether the old token is tried first depends on how much of its five seconds is left.
    await delay(6_000)
    const profile = page.getByRole('region', { name: 'Profile' })
    await profile.getByRole('textbox', { name: 'Your name' }).fill(stranger.name)
    await profile.getByRole('button', { name: 'Save profile' }).click()
    await expect(profile.getByRole('alert')).toHaveText('Somebody else is signed in here now: reload the page.')
    await page.reload()
    await expect(profile.getByRole('textbox', { name: 'Your name' })).not.toHaveValue(stranger.name)
  })
})
