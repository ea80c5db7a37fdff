import { randomBytes } from 'node:crypto'
import https from 'node:https'
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

/** The same for a page without a form to submit. */
export async function alive(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { useNuxtApp } = globalThis as { useNuxtApp?: () => { isHydrating?: boolean } }
    return useNuxtApp?.().isHydrating === false
  })
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

/** Registrations of one network are limited by the hour, and a run makes more of them: each comes from an address of its own. */
function newAddress(): string {
  const byte = () => Math.floor(Math.random() * 254) + 1
  return `127.${byte()}.${byte()}.${byte()}`
}

/** Registers from somewhere else than the browser, and gives the cookies that came. */
async function registerFrom(localAddress: string, body: string): Promise<string[]> {
  return await new Promise((resolve, reject) => {
    const url = new URL('/api/auth/register', process.env.E2E_SITE_URL)
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const request = https.request(url, { method: 'POST', headers, localAddress, rejectUnauthorized: false }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve(answer.headers['set-cookie'] ?? [])
        else reject(new Error(`registered with ${String(answer.statusCode)}`))
      })
    })
    request.once('error', reject).end(body)
  })
}

/** A new person who is signed in already, for tests that are about something else. */
export async function someoneSignedIn(context: BrowserContext): Promise<Person> {
  const person = newPerson()
  const body = JSON.stringify({ email: person.email, password: person.password, display_name: person.name })
  const cookies = (await registerFrom(newAddress(), body)).map((line) => {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    const expires = Math.floor(Date.now() / 1000) + Number(/max-age=(\d+)/i.exec(line)?.[1] ?? 3_600)
    return { name: pair.slice(0, at), value: pair.slice(at + 1), expires }
  })
  expect(cookies.length).toBeGreaterThan(0)
  await context.addCookies(
    cookies.map((cookie) => ({
      ...cookie,
      url: process.env.E2E_SITE_URL ?? '',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax' as const,
    })),
  )
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
