import { hydrated, newPerson, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'
import type { Locator, Page } from '@playwright/test'

/** What the browser reads out beside a field. */
async function described(page: Page, field: Locator): Promise<string> {
  const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
  return (await Promise.all(ids.map((id) => page.locator(`#${id}`).innerText()))).join(' ')
}

test.describe('a form', () => {
  test('says beside each field what is wrong with it, and keeps what was typed', async ({ page }) => {
    await page.goto('/register')
    await hydrated(page)
    const name = page.getByLabel('Your name', { exact: true })
    const email = page.getByLabel('E-mail')
    const password = page.getByLabel('Password', { exact: true })
    await name.fill('Grace Hopper')
    await email.fill('not an address')
    await password.fill('short')
    await page.getByRole('button', { name: 'Create my timer' }).click()
    await expect(email).toHaveAttribute('aria-invalid', 'true')
    await expect(email).toBeFocused()
    expect(await described(page, email)).not.toBe('')
    expect(await described(page, password)).toMatch(/8/)
    await expect(name).not.toHaveAttribute('aria-invalid', 'true')
    await expect(name).toHaveValue('Grace Hopper')
    await expect(email).toHaveValue('not an address')
    await expect(password).toHaveValue('short')
  })

  test('says so beside the e-mail when it is taken', async ({ page, anotherBrowser, problems }) => {
    const person = await someoneSignedIn(await anotherBrowser())
    await page.goto('/register')
    await hydrated(page)
    await page.getByLabel('Your name', { exact: true }).fill(newPerson().name)
    const email = page.getByLabel('E-mail')
    await email.fill(person.email.toUpperCase())
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    problems.expectStatus(409, /\/api\/auth\/register/)
    await page.getByRole('button', { name: 'Create my timer' }).click()
    await expect(email).toHaveAttribute('aria-invalid', 'true')
    expect(await described(page, email)).toMatch(/already/i)
    await expect(email).toHaveValue(person.email.toUpperCase())
  })

  test('keeps the address after a wrong password, and says what to do', async ({ page, anotherBrowser, problems }) => {
    const person = await someoneSignedIn(await anotherBrowser())
    await page.goto('/login')
    await hydrated(page)
    await page.getByLabel('E-mail').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill('something else entirely')
    problems.expectStatus(401, /\/api\/auth\/login/)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert')).toContainText(/password/i)
    await expect(page.getByLabel('E-mail')).toHaveValue(person.email)
  })

  test('shows and hides the password without losing it', async ({ page }) => {
    await page.goto('/login')
    await hydrated(page)
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('see me')
    await page.getByRole('button', { name: 'Show the password' }).click()
    await expect(password).toHaveAttribute('type', 'text')
    await expect(password).toHaveValue('see me')
    await page.getByRole('button', { name: 'Hide the password' }).click()
    await expect(password).toHaveAttribute('type', 'password')
  })

  test('keeps the note of a reset that the site could not take', async ({ page, context, problems }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents?tab=controls')
    await hydrated(page)
    const note = page.getByLabel('What happened')
    await note.fill('the network went away')
    await page.route('**/backend/**', (route) => (route.request().method() === 'GET' ? route.continue() : route.abort('failed')))
    problems.expect(/^failed: POST \S+\/backend\//, /^console error: Failed to load resource: net::ERR_FAILED/)
    await page.getByRole('button', { name: 'Reset the clock' }).click()
    await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible()
    await expect(note).toHaveValue('the network went away')
    await page.unroute('**/backend/**')
    await page.getByRole('button', { name: 'Reset the clock' }).click()
    await expect(page.getByText('The clock is reset')).toBeVisible()
  })
})
