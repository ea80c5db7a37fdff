import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { pressEnterOn } from './keyboard.ts'
import { hydrated, type Person } from './people.ts'

/** Opens the settings. Ends when they can be used. */
export async function openSettings(page: Page): Promise<void> {
  await page.goto('/settings')
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
  await hydrated(page)
}

/** Goes to a part of the settings by the links at the top, with the keyboard. Gives the part. */
export async function goToPart(page: Page, name: string): Promise<Locator> {
  await pressEnterOn(page, page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name }))
  await expect(page.getByRole('heading', { name, level: 2 })).toBeFocused()
  return page.getByRole('region', { name })
}

/** Signs a person in without a page: one more device of theirs. */
export async function signInDevice(context: BrowserContext, person: Person, password = person.password): Promise<void> {
  const answer = await context.request.post('/api/auth/login', { data: { email: person.email, password } })
  expect(answer.status(), await answer.text()).toBe(200)
}

/** Whether the site takes a browser for signed in. */
export async function isSignedIn(context: BrowserContext): Promise<boolean> {
  const answer = await context.request.get('/api/auth/jwt')
  expect([200, 401]).toContain(answer.status())
  return answer.status() === 200
}
