import { setTimeout as delay } from 'node:timers/promises'
import { onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'
import type { BrowserContext } from '@playwright/test'

/** Longer than an access token lives on this site (see harness/site.ts), so that whoever acts must refresh. */
const UNTIL_EXPIRED = 6_000

test.describe('a session', () => {
  test('S03 survives two tabs that refresh at the same time, again and again', async ({ context }) => {
    await someoneSignedIn(context)
    const tabs = [await context.newPage(), await context.newPage()]
    for (let round = 0; round < 2; round++) {
      await Promise.all(tabs.map((tab) => (round === 0 ? tab.goto('/incidents') : tab.reload())))
      await Promise.all(tabs.map(onDashboard))
      await delay(UNTIL_EXPIRED)
      await Promise.all(tabs.map((tab, index) => resetClock(tab, `round ${String(round)}, tab ${String(index)}`)))
    }
    for (const tab of tabs) {
      await tab.reload()
      await expect(tab.getByText('round 1, tab 1')).toBeVisible()
    }
  })

  test('S03 survives 20 parallel refreshes', async ({ context, page }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    const statuses = await page.evaluate(() =>
      Promise.all(Array.from({ length: 20 }, () => fetch('/api/auth/refresh', { method: 'POST' }).then(({ status }) => status))),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    await page.reload()
    await onDashboard(page)
  })

  test('S19 is a sealed cookie with every flag', async ({ context, page }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    const cookies = await context.cookies()
    // The session, and the word by which the API knows this browser again when somebody signs in.
    expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-kennwilliamson', '__Host-kennwilliamson-device'])
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' })
      expect(JSON.stringify(cookie).length).toBeLessThan(4096)
    }
    expect(await page.evaluate(() => document.cookie)).toBe('')
  })

  test('S20 leaves no token in page, address, storage or console', async ({ context, page }) => {
    const addresses: string[] = []
    context.on('request', (request) => addresses.push(`${request.url()} ${request.headers().referer ?? ''}`))
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await resetClock(page, 'once')
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, window.name]),
    )
    const token = /eyJ[\w-]{10,}\.|\b[0-9a-f]{64}\b/
    expect(await page.content()).not.toMatch(token)
    const html = await (await context.request.get('/incidents')).text()
    expect(html).toContain('Something happened?')
    expect(html).not.toMatch(token)
    expect(stored).not.toMatch(token)
    expect(addresses.join('\n')).not.toMatch(token)
    expect(addresses.length).toBeGreaterThan(3)
  })

  test('S11 is a new one after signing in, and whoever planted the old one has neither', async ({ context, anotherBrowser }) => {
    const attacker = await anotherBrowser()
    await someoneSignedIn(attacker)
    const victim = await someoneSignedIn(await anotherBrowser())
    const sessionIn = async (browser: BrowserContext) =>
      (await browser.cookies()).find(({ name }) => name.startsWith('__Host-') && !name.includes('device'))
    const planted = await sessionIn(attacker)
    if (!planted) throw new Error('there is no session to plant')
    await context.addCookies([planted])

    const answer = await context.request.post('/api/auth/login', { data: { email: victim.email, password: victim.password } })
    expect(answer.status()).toBe(200)
    expect((await sessionIn(context))?.value).not.toBe(planted.value)
    const { user } = (await (await context.request.get('/api/_auth/session')).json()) as { user: { email: string } }
    expect(user.email).toBe(victim.email)
    expect((await attacker.request.get('/api/auth/jwt')).status()).toBe(401)
  })

  test('S23 a page for everybody sets no cookie, and is the same for the owner', async ({ context, anotherBrowser }) => {
    const person = await someoneSignedIn(context)
    const stranger = await anotherBrowser()
    for (const path of ['/', '/login', '/register', person.path]) {
      const answer = await stranger.request.get(path)
      expect(answer.status(), path).toBe(200)
      expect(answer.headers()['set-cookie'], path).toBeUndefined()
    }
    const owner = await context.request.get(person.path)
    expect(owner.headers()['set-cookie']).toBeUndefined()
    expect(await owner.text()).not.toContain(person.email)
  })

  test('S09 is over everywhere once signed out', async ({ context, page }) => {
    await someoneSignedIn(context)
    const other = await context.newPage()
    await Promise.all([page.goto('/incidents'), other.goto('/incidents')])
    await Promise.all([onDashboard(page), onDashboard(other)])
    const { token } = (await (await context.request.get('/api/auth/jwt')).json()) as { token: string }
    const cookies = await context.cookies()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).not.toHaveURL(/\/incidents/)
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['__Host-kennwilliamson-device'])

    const replayed = await context.request.get('/backend/auth/me', { headers: { authorization: `Bearer ${token}` } })
    expect(replayed.status()).toBe(401)
    await context.addCookies(cookies)
    expect((await context.request.get('/api/auth/jwt')).status()).toBe(401)
    await context.clearCookies()
    await other.reload()
    await expect(other).toHaveURL(/\/login/)
  })

  test('never writes for whoever signed in since, in another tab', async ({ context, page }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    const other = await context.newPage()
    await other.goto('/incidents')
    await onDashboard(other)
    await other.getByRole('button', { name: 'Sign out' }).click()
    await expect(other).not.toHaveURL(/\/incidents/)
    await someoneSignedIn(context)

    // Whether the old token is tried first depends on how much of its five seconds is left.
    await delay(UNTIL_EXPIRED)
    const note = page.getByLabel('What happened')
    await note.fill('not for Tom')
    await page.getByRole('button', { name: 'Reset the clock' }).click()
    await expect(page.getByRole('alert').filter({ hasText: /\w/ })).toHaveText(
      'Somebody else is signed in here now: reload the page.',
    )
    await expect(note).toHaveValue('not for Tom')
    await other.goto('/incidents')
    await onDashboard(other)
    await expect(other.getByText('No incident yet')).toBeVisible()
  })

  test('P10 leaves nothing private behind the back button', async ({ context, page }) => {
    const person = await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await resetClock(page, 'for my eyes only')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).not.toHaveURL(/\/incidents/)
    await page.goBack()
    await page.waitForLoadState('networkidle')
    const shown = await page.content()
    expect(shown).not.toContain('for my eyes only')
    expect(shown).not.toContain(person.email)
  })
})
