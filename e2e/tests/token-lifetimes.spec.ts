import type { Page } from '@playwright/test'
import { setTimeout as delay } from 'node:timers/promises'
import { onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

/** What an access token lives on this site: see harness/site.ts. */
const LIFETIME = 5_000

/** Every page that a tab has shown, as a path. */
function watchPaths(tab: Page): string[] {
  const seen: string[] = []
  tab.on('framenavigated', (frame) => {
    if (frame === tab.mainFrame()) seen.push(new URL(frame.url()).pathname)
  })
  return seen
}

/** Resets the clock, and waits until the API has it: the message of the last time may still stand there. */
async function act(tab: Page, note: string): Promise<void> {
  const saved = tab.waitForResponse(
    (answer) => /\/backend\/timers\/[^/]+\/incidents$/.test(answer.url()) && answer.request().method() === 'POST',
  )
  await resetClock(tab, note)
  expect((await saved).status()).toBe(201)
}

test('S03 two tabs, pages rendered on the server and a tab that sleeps: signed in after three lifetimes of a token', async ({
  context,
}) => {
  test.setTimeout(90_000)
  await someoneSignedIn(context)
  const tabs = [await context.newPage(), await context.newPage(), await context.newPage()] as const
  const [acting, loading, sleeping] = tabs
  const paths = tabs.map(watchPaths)
  for (const tab of tabs) {
    await tab.goto('/incidents')
    await onDashboard(tab)
  }
  const bed = await context.newCDPSession(sleeping)
  await bed.send('Page.setWebLifecycleState', { state: 'frozen' })

  const began = Date.now()
  let round = 0
  while (Date.now() - began < 3 * LIFETIME + 1_000) {
    round++
    const note = `round ${String(round)}`
    // At the same time: a change by the page, a reload, and two pages rendered for whoever else asks with this cookie.
    const [, , ...rendered] = await Promise.all([
      act(acting, note),
      loading.reload().then(() => onDashboard(loading)),
      context.request.get('/incidents', { maxRedirects: 0 }),
      context.request.get('/incidents', { maxRedirects: 0 }),
    ])
    expect(rendered.map((answer) => answer.status())).toEqual([200, 200])
    await loading.reload()
    await expect(loading.getByText(note, { exact: true })).toBeVisible()
    await delay(round % 2 === 0 ? 200 : LIFETIME * 0.6)
  }
  expect(round).toBeGreaterThan(2)

  await bed.send('Page.setWebLifecycleState', { state: 'active' })
  await act(sleeping, 'well rested')
  await acting.reload()
  await expect(acting.getByText('well rested')).toBeVisible()
  expect(paths.flat().filter((path) => path !== '/incidents')).toEqual([])
})

test('S03 a session that has ended is seen by the same watch', async ({ context, page }) => {
  await someoneSignedIn(context)
  const paths = watchPaths(page)
  await page.goto('/incidents')
  await onDashboard(page)
  await context.clearCookies()
  await page.reload()
  await expect(page).toHaveURL(/\/login/)
  expect(new Set(paths.filter((path) => path !== '/incidents'))).toEqual(new Set(['/login']))
})
