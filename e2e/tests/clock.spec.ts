import { shownSeconds } from '../harness/clock.ts'
import { newOwner } from '../harness/owner.ts'
import { alive, onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'
import type { Page } from '@playwright/test'

for (const minutes of [-10, 10]) {
  test(`the count is right although the browser's clock is ${String(minutes)} minutes wrong`, async ({
    context,
    anotherBrowser,
  }) => {
    const person = await someoneSignedIn(context)
    const owner = await context.newPage()
    await owner.goto('/incidents')
    await onDashboard(owner)
    await resetClock(owner, 'now')

    const visitor = await anotherBrowser()
    for (const one of [context, visitor]) {
      await one.addInitScript((offset) => {
        const RealDate = Date
        const now = () => RealDate.now() + offset
        globalThis.Date = new Proxy(RealDate, {
          construct: (target, given: []) => (given.length === 0 ? new target(now()) : new target(...given)),
          get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
        })
      }, minutes * 60_000)
    }
    const page = await visitor.newPage()
    await page.goto(person.path)
    const since = Date.parse((await page.locator('time').first().getAttribute('datetime')) ?? '')
    await owner.reload()
    await onDashboard(owner)
    for (const shown of [page, owner]) {
      // It counts once its scripts have come, which is after the first paint.
      await alive(shown)
      // The wrong clock is really there.
      const wrong = (await shown.evaluate(() => Date.now())) - Date.now()
      expect(Math.abs(wrong - minutes * 60_000)).toBeLessThan(5_000)
      // By this machine's clock, which is the server's too: no earlier than before reading it, no later than after.
      const before = (Date.now() - since) / 1000
      const seconds = await shownSeconds(shown)
      expect(seconds).toBeGreaterThan(before - 2)
      expect(seconds).toBeLessThan((Date.now() - since) / 1000 + 1)
    }
  })
}

/** What a page does in one second while nobody touches it: how often style and layout are worked out, and scripts in milliseconds. */
async function workOf(page: Page, seconds: number): Promise<{ styles: number; layouts: number; script: number }> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async () =>
    new Map((await devtools.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]))
  const before = await read()
  await page.waitForTimeout(seconds * 1000)
  const after = await read()
  const rate = (name: string) => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / seconds
  return { styles: rate('RecalcStyleCount'), layouts: rate('LayoutCount'), script: rate('ScriptDuration') * 1000 }
}

test('a clock that runs lets the page sleep, but for a moment in each second', async ({ context, anotherBrowser }) => {
  const owner = await newOwner(context, 'count')
  await owner.call('PATCH', `/timers/${owner.timerId}`, { started_at: '2025-06-01T10:00:00Z' })
  const page = await (await anotherBrowser()).newPage()
  const bare = await (await anotherBrowser()).newPage()
  await bare.setContent('<p id=count>0</p><script>setInterval(() => { count.textContent++ }, 1000)</script>')
  await page.goto(owner.person.path)
  await expect(page.getByText('Live')).toBeVisible()
  await page.waitForTimeout(2_000)
  const [floor, work] = [await workOf(bare, 6), await workOf(page, 6)]
  // Falling cards and turning wheels begin and end together: about ten frames of the page's own, where each frame of both would be sixty.
  expect(work.styles).toBeGreaterThan(1)
  expect(work.styles).toBeLessThan(16)
  expect(work.layouts).toBeLessThan(4)
  // Of scripts as much as a page that counts up one number, twice at most; five times that is a mistake.
  expect(work.script).toBeLessThan(Math.max(10 * floor.script, 5))

  await page.getByRole('button', { name: /Pause/ }).click()
  await page.mouse.move(0, 0)
  await page.waitForTimeout(2_000)
  expect((await workOf(page, 3)).styles).toBeLessThan(1)
})
