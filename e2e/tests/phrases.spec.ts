import type { Page } from '@playwright/test'
import { expectGood } from '../harness/good.ts'
import { newOwner } from '../harness/owner.ts'
import { alive, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

test.use({ viewport: { width: 390, height: 844 } })

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })

test('a suggestion is made, taken back and made again, by keyboard', async ({ page, context }) => {
  await someoneSignedIn(context)
  await page.goto('/incidents?tab=suggest')
  await alive(page)
  const field = page.getByRole('textbox', { name: 'The phrase' })
  await field.focus()
  await page.keyboard.type('oneword')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The phrase must have two words at least.')).toBeVisible()
  await expect(field).toBeFocused()
  await expectGood(page)
  await field.fill('')
  await page.keyboard.type('  Patience   is a <b>tool</b> 😀 ')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Suggested: somebody will look at it')).toBeVisible()
  await expect(field).toHaveValue('')
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('  Patience   is a <b>tool</b> 😀 ')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Suggested: somebody will look at it')).toBeVisible()

  await tab(page, 'Suggest').focus()
  await page.keyboard.press('End')
  await expect(tab(page, 'My suggestions')).toBeFocused()
  const rows = page.getByRole('tabpanel').getByRole('listitem')
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText('Patience is a <b>tool</b> 😀')
  await expect(rows).toContainText('Waits')
  await expectGood(page)
  await rows.getByRole('button', { name: /^Withdraw/ }).press('Enter')
  await expect(page.getByRole('heading', { name: 'My suggestions' })).toBeFocused()
  await expect(page.getByText('You have suggested none yet.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect(rows.getByRole('button', { name: /^Withdraw/ })).toBeFocused()
  await page.reload()
  await expect(rows).toHaveCount(1)
})

test('a hidden phrase stands over no clock of its owner, until it is shown again', async ({ page, context, request }) => {
  const owner = await newOwner(context, 'count')
  const phraseOver = async () =>
    (await (await request.get(`/api${owner.person.path.replace(/\/[^/]+$/, '')}/phrase`)).json()) as string
  const all = async () =>
    ((await owner.call('GET', '/phrases/user')) as { phrases: { id: string; phrase_text: string }[] }).phrases
  const before = (await all()).length
  const first = await phraseOver()
  await page.goto('/incidents?tab=filter')
  await alive(page)
  await expect(page.getByText(/^\d+ phrases$/)).toBeVisible()
  await expectGood(page)
  await page.getByLabel('Words to look for').fill(first.split(' ').slice(0, 3).join(' '))
  const row = page.getByRole('tabpanel').getByRole('listitem').filter({ hasText: first })
  await expect(page.getByRole('tabpanel').getByRole('listitem')).toHaveCount(await row.count())
  await row.getByRole('button').press('Enter')
  await expect(row.getByRole('button', { name: /^Hidden/, pressed: true })).toBeFocused()
  // A second old at most, for visitors.
  await expect.poll(phraseOver, { timeout: 5_000 }).not.toBe(first)
  await page.reload()
  await alive(page)
  await page.getByLabel('Show').selectOption('hidden')
  await expect(page.getByText('One phrase', { exact: true })).toBeVisible()
  await expectGood(page)
  await row.getByRole('button').press('Enter')
  await expect(row.getByRole('button', { name: /^Hide/ })).toBeFocused()
  // It stands there again at once; where an administrator has made phrases meanwhile, in another test, once what the draw has moved to is hidden.
  const hideWhatCameBetween = async () => {
    const [now, phrases] = [await phraseOver(), await all()]
    const other = phrases.length > before && phrases.find(({ phrase_text }) => phrase_text === now && now !== first)
    if (other) await owner.call('POST', `/phrases/exclude/${other.id}`)
    return now
  }
  await expect.poll(hideWhatCameBetween, { timeout: (await all()).length > before ? 30_000 : 5_000 }).toBe(first)
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect(row.getByRole('button', { name: /^Hidden/, pressed: true })).toBeFocused()
  await page.getByLabel('Words to look for').fill('words that nobody has written')
  await expect(page.getByText('No phrase has such words in it.')).toBeVisible()
})

test('what cannot be saved is said, and is as it was', async ({ page, context, problems }) => {
  await someoneSignedIn(context)
  await page.goto('/incidents?tab=filter')
  await alive(page)
  await page.route('**/backend/phrases/exclude/*', (route) => route.abort('failed'))
  problems.expect(/^failed: POST \S+\/backend\/phrases\/exclude/, /^console error: Failed to load resource: net::ERR_FAILED/)
  const button = page.getByRole('tabpanel').getByRole('listitem').first().getByRole('button')
  await button.click()
  await expect(page.getByText('It stays as it was: The site cannot be reached')).toBeVisible()
  await expect(button).toHaveAttribute('aria-pressed', 'false')
  await page.route('**/backend/phrases/user*', (route) => route.abort('failed'))
  problems.expect(/^failed: GET \S+\/backend\/phrases\/user/)
  await page.getByLabel('Words to look for').fill('anything')
  await expect(page.getByRole('tabpanel').getByRole('alert')).toContainText('The site cannot be reached')
  await expectGood(page)
  await page.unroute('**/backend/phrases/user*')
  await page.getByLabel('Words to look for').fill('')
  await expect(page.getByText(/^\d+ phrases$/)).toBeVisible()
})
