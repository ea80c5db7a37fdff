import type { CDPSession, Page } from '@playwright/test'
import { shownSeconds } from '../harness/clock.ts'
import { expectGood } from '../harness/good.ts'
import { newOwner } from '../harness/owner.ts'
import { expect, test } from '../harness/test.ts'

const HOUR_MS = 3_600_000
/** Hours of the clock that the wall is watched; more of them are a drill. */
const HOURS = Number(process.env.WALL_HOURS ?? 1)
/** What the wall may keep of them. */
const GROWTH_BYTES = 5 * 1024 * 1024

const isLive = (page: Page) => expect(page.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()
const leave = (page: Page) => page.getByRole('button', { name: 'Leave wall mode' })

for (const [width, height] of [
  [390, 844],
  [844, 390],
  [1440, 900],
] as const)
  test.describe(`${String(width)} by ${String(height)}`, () => {
    test.use({ viewport: { width, height } })

    test('the wall has the whole screen, by keyboard there and back, and nothing runs out of it', async ({
      page,
      anotherBrowser,
    }) => {
      const owner = await newOwner(await anotherBrowser(), 'count')
      await owner.call('PATCH', `/timers/${owner.timerId}`, { started_at: '2020-02-29T23:00:00Z' })
      await page.goto(owner.person.path)
      await isLive(page)
      const button = page.getByRole('button', { name: 'Wall mode' })
      await button.press('Enter')
      await expect(leave(page)).toBeFocused()
      await expect(page.getByRole('timer')).toBeInViewport({ ratio: 0.99 })
      await expect(page.locator('.wall .phrase')).toBeInViewport({ ratio: 0.999 })
      await expect(page.locator('.flap').last()).toBeInViewport({ ratio: 0.999 })
      await expect(page.locator('.flap').first()).toBeInViewport({ ratio: 0.999 })
      await expectGood(page)
      await page.keyboard.press('Tab')
      await expect(page.getByRole('link', { name: /KennWilliamson/ })).not.toBeFocused()
      await leave(page).press('Enter')
      await expect(button).toBeFocused()
      // A screen may begin as a wall.
      await page.goto(`${owner.person.path}?wall`)
      await expect(leave(page)).toBeVisible()
    })
  })

test('after ten minutes without the site the wall is right again, without being loaded anew', async ({
  page,
  context,
  anotherBrowser,
  problems,
}) => {
  const owner = await newOwner(await anotherBrowser(), 'count')
  const days = 3 * 86_400
  await owner.call('PATCH', `/timers/${owner.timerId}`, { started_at: new Date(Date.now() - days * 1000).toISOString() })
  await page.clock.install()
  await page.goto(`${owner.person.path}?wall`)
  await expect(leave(page)).toBeVisible()
  await page.evaluate(() => Object.assign(globalThis, { same: true }))
  problems.expect(/^failed: /, /^console error: Failed to load resource/)
  const before = await shownSeconds(page)
  expect(before).toBeGreaterThanOrEqual(days)
  await context.setOffline(true)
  for (let minute = 0; minute < 10; minute++) {
    await page.clock.runFor(60_000)
    await page.waitForTimeout(20)
  }
  await expect(page.getByText('No connection just now: the clock goes on counting')).toBeVisible()
  expect((await shownSeconds(page)) - before).toBeGreaterThanOrEqual(599)
  await owner.reset('while it was away')
  await context.setOffline(false)
  // By the page's clock, half a minute at most until it asks again.
  const heals = async () => {
    await page.clock.runFor(5_000)
    return shownSeconds(page)
  }
  await expect.poll(heals, { timeout: 20_000, intervals: [250] }).toBeLessThan(900)
  await expect(page.getByText('No connection just now')).toBeHidden()
  expect(await page.evaluate(() => (globalThis as { same?: boolean }).same)).toBe(true)
  problems.forget()
})

test(`the wall keeps nothing of ${String(HOURS)} hours`, async ({ page, context, anotherBrowser }) => {
  test.setTimeout(60_000 + HOURS * 30_000)
  const owner = await newOwner(await anotherBrowser(), 'count')
  await page.clock.install()
  await page.goto(`${owner.person.path}?wall`)
  await expect(leave(page)).toBeVisible()
  const devtools = await context.newCDPSession(page)
  const first = await heapOf(devtools, page)
  const shown = await page.locator('.flap > .up').allTextContents()
  for (let hour = 0; hour < HOURS; hour++) for (let part = 0; part < 12; part++) await page.clock.runFor(HOUR_MS / 12)
  expect(await page.locator('.flap > .up').allTextContents()).not.toEqual(shown)
  expect((await heapOf(devtools, page)) - first).toBeLessThan(GROWTH_BYTES)
})

/** Bytes that scripts of a page hold, after what nobody needs has been collected. */
async function heapOf(devtools: CDPSession, page: Page): Promise<number> {
  await page.clock.runFor(2_000)
  for (let round = 0; round < 3; round++) await devtools.send('HeapProfiler.collectGarbage')
  return (await devtools.send('Runtime.getHeapUsage')).usedSize
}
