import { showsFocus, tabTo } from '../harness/keyboard.ts'
import { newPerson, onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

test('register, reset and sign out with the keyboard alone', async ({ page }) => {
  const person = newPerson()
  const submit = page.getByRole('button', { name: 'Create my timer' })
  await page.goto('/register')
  await expect(submit).toBeEnabled()

  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: /skip/i })).toBeFocused()
  await tabTo(page, page.getByLabel('Your name', { exact: true }))
  expect(await showsFocus(page)).toBe(true)
  await page.keyboard.type(person.name)
  await tabTo(page, page.getByLabel('E-mail'))
  await page.keyboard.type(person.email)
  await tabTo(page, page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(person.password)
  await tabTo(page, page.getByRole('radio', { name: /^Public/ }))
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('radio', { name: /^Private/ })).toBeChecked()
  await tabTo(page, submit)
  expect(await showsFocus(page)).toBe(true)
  await page.keyboard.press('Enter')
  await onDashboard(page)

  await tabTo(page, page.getByLabel('What happened'))
  await page.keyboard.type('no mouse at hand')
  await tabTo(page, page.getByRole('button', { name: 'Reset the clock' }))
  await page.keyboard.press('Enter')
  await expect(page.getByText('The clock is reset')).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: 'no mouse at hand' })).toBeVisible()

  await page.reload()
  await onDashboard(page)
  await tabTo(page, page.getByRole('button', { name: 'Sign out' }))
  await page.keyboard.press('Enter')
  await expect(page).not.toHaveURL(/\/incidents/)
})

test('the focus stays where one works, when what had it goes away', async ({ page, context }) => {
  await someoneSignedIn(context)
  await page.goto('/incidents')
  await onDashboard(page)
  await resetClock(page, 'older')
  await resetClock(page, 'newer')
  const row = (note: string) => page.getByRole('listitem').filter({ hasText: note })
  const heading = page.getByRole('heading', { name: 'History' })

  // The message of the first reset still stands; the second may be under way.
  await expect(row('newer').getByRole('button', { name: /^Delete/ })).toBeEnabled()
  await row('newer')
    .getByRole('button', { name: /^Delete/ })
    .press('Enter')
  await expect(row('older').getByRole('button', { name: /^Delete/ })).toBeFocused()
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await expect(row('newer').getByRole('button', { name: /^Edit/ })).toBeFocused()
  await page.getByRole('button', { name: 'Close this message' }).press('Enter')
  await expect(row('newer').getByRole('button', { name: /^Edit/ })).toBeFocused()

  await row('newer')
    .getByRole('button', { name: /^Delete/ })
    .press('Enter')
  await row('older')
    .getByRole('button', { name: /^Delete/ })
    .press('Enter')
  await expect(heading).toBeFocused()

  await page.getByRole('button', { name: 'It happened earlier' }).press('Enter')
  await expect(page.getByLabel('When')).toBeFocused()
  await page.getByRole('button', { name: 'It happened now' }).press('Enter')
  await expect(page.getByRole('button', { name: 'It happened earlier' })).toBeFocused()
})
