import { randomBytes } from 'node:crypto'
import { expect, type BrowserContext, type Page } from '@playwright/test'

export interface Person {
  name: string
  email: string
  password: string
  /** The address of the person's timer, as a path. */
  path: string
}

/** Somebody whom nobody else in the run can be. */
export function newPerson(): Person {
  const id = randomBytes(5).toString('hex')
  return {
    name: `Ada Tester ${id}`,
    email: `ada.${id}@example.org`,
    password: `correct horse battery ${id}`,
    path: `/ada-tester-${id}/incident-timer`,
  }
}

/** Waits until a page has come alive: what is typed before that is not what is tested here. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('button[type=submit]').first()).toBeEnabled()
}

/** Registers with the form, as a person would. Ends on the dashboard. */
export async function register(page: Page, person: Person, options: { isPrivate?: boolean } = {}): Promise<void> {
  await page.goto('/register')
  await hydrated(page)
  await page.getByLabel('Your name', { exact: true }).fill(person.name)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  if (options.isPrivate) await page.getByRole('radio', { name: /^Private/ }).check()
  await page.getByRole('button', { name: 'Create my timer' }).click()
  await onDashboard(page)
}

/** Signs in with the form. Ends on the dashboard. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/login')
  await hydrated(page)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await onDashboard(page)
}

/** A new person who is signed in already, for tests that are about something else. */
export async function someoneSignedIn(context: BrowserContext): Promise<Person> {
  const person = newPerson()
  const answer = await context.request.post('/api/auth/register', {
    data: { email: person.email, password: person.password, display_name: person.name },
  })
  expect(answer.status(), await answer.text()).toBe(200)
  return person
}

/** Resets the clock on the dashboard. */
export async function resetClock(page: Page, note: string): Promise<void> {
  await page.getByLabel('What happened').fill(note)
  await page.getByRole('button', { name: 'Reset the clock' }).click()
  await expect(page.getByText('The clock is reset')).toBeVisible()
}

/** Waits for the dashboard, and goes to its controls unless they are there. */
export async function onDashboard(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/incidents(?:\?|$)/)
  const controls = page.getByRole('tab', { name: 'Controls' })
  await expect(controls).toBeVisible()
  if ((await controls.getAttribute('aria-selected')) !== 'true') await controls.click()
  await expect(page.getByRole('heading', { name: 'Something happened?' })).toBeVisible()
  await hydrated(page)
}
