import { AxeBuilder } from '@axe-core/playwright'
import { shownSeconds } from '../harness/clock.ts'
import { newOwner } from '../harness/owner.ts'
import { onDashboard } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

/** What is promised for everybody who is connected. */
const LIVE_MS = 2_000

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, permissions: ['clipboard-read', 'clipboard-write'] })

test('with one thumb: share at a level, see it as a visitor, pass on a secret link and revoke it', async ({
  page,
  context,
  anotherBrowser,
  problems,
}) => {
  const owner = await newOwner(context, 'private')
  await owner.reset('the note for holders')
  await page.goto('/incidents')
  await onDashboard(page)
  await page.getByRole('tab', { name: 'Timer' }).tap()
  await page.getByRole('button', { name: 'Sharing…' }).tap()
  const dialog = page.getByRole('dialog', { name: /^Share/ })
  await expect(dialog.getByText('There are none yet.')).toBeVisible()
  await expect(dialog.getByLabel('The address of its page')).toBeHidden()

  // By keyboard, too, nothing is published on the way to a choice.
  const changes: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') changes.push(request.postData() ?? '')
  })
  await dialog.getByRole('button', { name: 'Nobody but me' }).focus()
  for (const key of ['ArrowUp', 'ArrowDown', 'Tab', 'Tab', 'End']) await page.keyboard.press(key)
  await expect(dialog.getByRole('button', { name: '… and the statistics' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('button', { name: '… and the statistics', pressed: true })).toBeVisible()
  await expect(dialog.getByText('Visitors see this now')).toBeVisible()
  expect(changes).toEqual(['{"share_level":"stats"}'])
  await dialog.getByRole('button', { name: 'Copy: The address of its page' }).tap()
  await expect(dialog.getByText('Copied')).toBeVisible()
  const address = await page.evaluate(() => navigator.clipboard.readText())
  expect(new URL(address).pathname).toBe(owner.person.path)
  const visitor = await (await anotherBrowser()).newPage()
  await visitor.goto(address)
  await expect(visitor.getByText('Record', { exact: true })).toBeVisible()
  await expect(visitor.getByText('the note for holders')).toBeHidden()

  await dialog.getByText('Badge for another page').tap()
  const badge = dialog.getByRole('img', { name: /^The badge/ })
  await expect.poll(() => badge.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  await dialog.getByText('QR code', { exact: true }).tap()
  await expect(dialog.getByRole('img', { name: 'The address as a QR code' })).toBeVisible()

  await dialog.getByRole('button', { name: 'See it as a visitor' }).tap()
  await expect(dialog.getByLabel('Figures')).toBeVisible()
  await dialog.getByLabel('Seen by somebody').selectOption('notes')
  await expect(dialog.getByRole('region', { name: 'The last note' })).toContainText('the note for holders')

  await dialog.getByLabel('A new link shows').selectOption('notes')
  await dialog.getByLabel('and ends').selectOption('week')
  await dialog.getByRole('button', { name: 'Make the link' }).tap()
  const secret = await dialog.getByLabel('The new secret link', { exact: true }).inputValue()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  const holder = await (await anotherBrowser()).newPage()
  await holder.goto(new URL(secret).pathname)
  await expect(holder.getByText('the note for holders')).toBeVisible()
  await expect(holder.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()

  problems.expectStatus(404, /\/s\/|\/events|\/incident-timer/)
  await dialog.getByRole('button', { name: 'Revoke…' }).tap()
  await dialog.getByRole('button', { name: 'Revoke for good' }).tap()
  await expect(holder.getByRole('heading', { name: 'Nothing here' })).toBeVisible({ timeout: LIVE_MS })
  await dialog.getByRole('button', { name: 'Nobody but me' }).tap()
  await expect(visitor.getByRole('heading', { name: 'Nothing here' })).toBeVisible({ timeout: LIVE_MS })
  await dialog.getByRole('button', { name: 'Done' }).tap()
  await expect(page.getByRole('button', { name: 'Sharing…' })).toBeFocused()
  await expect(page.getByText('Private: only you can see it.')).toBeVisible()
  problems.forget()
})

test('with one thumb: a reset, a slip and its undo, and a visitor sees each within two seconds', async ({
  page,
  context,
  anotherBrowser,
  request,
}) => {
  const owner = await newOwner(context, 'count')
  const days = 2 * 86_400
  await owner.call('POST', `/timers/${owner.timerId}/incidents`, {
    occurred_at: new Date(Date.now() - days * 1000).toISOString(),
  })
  const visitor = await (await anotherBrowser()).newPage()
  await visitor.goto(owner.person.path)
  await expect(visitor.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible()
  expect(await shownSeconds(visitor)).toBeGreaterThanOrEqual(days)
  await page.goto('/incidents')
  await onDashboard(page)

  await page.getByRole('button', { name: 'Reset the clock' }).tap()
  await expect.poll(() => shownSeconds(visitor), { timeout: LIVE_MS, intervals: [100] }).toBeLessThan(10)
  await page.getByRole('button', { name: 'Undo' }).tap()
  await expect.poll(() => shownSeconds(visitor), { timeout: LIVE_MS, intervals: [100] }).toBeGreaterThanOrEqual(days)
  await expect.poll(() => shownSeconds(page), { timeout: LIVE_MS, intervals: [100] }).toBeGreaterThanOrEqual(days)
  const isOldAgain = async () => {
    const [badge, document] = await Promise.all(
      [`${owner.person.path}/badge.svg`, owner.person.path].map(async (path) => (await request.get(path)).text()),
    )
    return [badge?.includes('2 days'), document?.includes('2 days')]
  }
  await expect.poll(isOldAgain, { timeout: LIVE_MS, intervals: [200] }).toEqual([true, true])
})
