import { shownSeconds } from '../harness/clock.ts'
import { onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

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
