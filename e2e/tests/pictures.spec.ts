import { holdStill } from '../harness/still.ts'
import { newOwner, type Owner } from '../harness/owner.ts'
import { alive, hydrated, onDashboard } from '../harness/people.ts'
import { goOnTo, setScene } from '../harness/scenes.ts'
import { expect, test } from '../harness/test.ts'
import type { Page } from '@playwright/test'
import type { Profile } from '../../contracts/src/accounts.ts'

/**
 * How pages look, against committed pictures. After a change that is meant: `npx playwright test pictures --project=site -u` in e2e/, then
 * look at each picture that git says has changed.
 */
const GALLERY = ['colour', 'buttons', 'fields', 'messages', 'tabs', 'clocks', 'machine']
const ADMINISTRATION = ['', 'users', 'suggestions', 'phrases', 'audit']
const DAY = 86_400_000

const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()

/** A timer whose figures are the same whenever it is looked at. */
async function withHistory(owner: Owner): Promise<void> {
  await owner.call('PATCH', `/timers/${owner.timerId}`, { title: 'Days without sugar', started_at: ago(212 * DAY) })
  for (const [days, notes] of [
    [171, 'a birthday'],
    [160, 'the biscuit tin was open'],
    [96, 'It was the milk again.'],
  ] as const)
    await owner.call('POST', `/timers/${owner.timerId}/incidents`, { notes, occurred_at: ago(days * DAY + 50_000_000) })
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height, deviceScaleFactor] of [
    [390, 844, 1],
    // Half as fine, because noise of wood and stone makes large files.
    [1440, 900, 0.5],
  ] as const) {
    test.describe(`${colorScheme}, ${String(width)} px`, () => {
      const look = { colorScheme, viewport: { width, height }, deviceScaleFactor }
      test.use(look)
      const nameOf = (what: string) => `${what}-${String(width)}-${colorScheme}.png`
      const expectPicture = async (page: Page, what: string) => {
        await holdStill(page)
        // The example of the home page runs on: next year it has one more card.
        const mask = what === 'home' ? [page.locator('.clock')] : []
        await expect.soft(page).toHaveScreenshot(nameOf(what), { mask })
      }

      test('the gallery', async ({ page }) => {
        await page.goto('/gallery')
        await hydrated(page)
        await expect(page.getByText('Counting…')).toBeVisible()
        await holdStill(page)
        for (const part of GALLERY) await expect.soft(page.locator(`#${part}`)).toHaveScreenshot(nameOf(`gallery-${part}`))
      })

      test('pages for everybody', async ({ page, context, anotherBrowser, problems }) => {
        const owner = await newOwner(context, 'notes')
        await withHistory(owner)
        const visitor = await (await anotherBrowser(look)).newPage()
        for (const [what, path] of [
          ['home', '/'],
          ['login', '/login'],
          ['register', '/register'],
          ['about', '/about'],
          ['reset', '/reset#0123456789'],
          ['reset-without-link', '/reset'],
        ] as const) {
          await visitor.goto(path)
          await alive(visitor)
          await expectPicture(visitor, what)
        }
        problems.expectStatus(404, /\/nobody\/incident-timer/)
        await visitor.goto('/nobody/incident-timer')
        await expectPicture(visitor, 'not-found')
        await visitor.goto(owner.person.path)
        await expect(visitor.getByText('Live')).toBeVisible()
        await expectPicture(visitor, 'public')
        await visitor.goto(`${owner.person.path}?wall`)
        await expect(visitor.getByRole('button', { name: 'Leave' })).toBeVisible()
        await expectPicture(visitor, 'wall')
        await page.close()
      })

      test('pages of an account', async ({ page, context }) => {
        const owner = await newOwner(context, 'count')
        await page.goto('/claim')
        await hydrated(page)
        await expectPicture(page, 'claim')
        await withHistory(owner)
        await page.goto('/incidents')
        await alive(page)
        await expectPicture(page, 'dashboard-timer')
        await page.goto('/incidents')
        await alive(page)
        await page.getByRole('button', { name: 'Sharing…' }).click()
        await expect(page.getByRole('dialog')).toBeVisible()
        await expectPicture(page, 'share-dialog')
        await page.goto('/incidents')
        await onDashboard(page)
        await expectPicture(page, 'dashboard-controls')
        for (const tab of ['suggest', 'suggestions']) {
          await page.goto(`/incidents?tab=${tab}`)
          await alive(page)
          await expect(page.getByRole('tab', { selected: true })).toBeVisible()
          await expectPicture(page, `dashboard-${tab}`)
        }
        await page.goto('/settings')
        await hydrated(page)
        await expectPicture(page, 'settings')
      })

      test('lists of everybody, and where they cannot be had', async ({ page, context, problems }) => {
        const owner = await newOwner(context, 'count')
        const self = (await owner.call('GET', '/account/profile')) as Profile
        await page.goto('/incidents')
        await alive(page)
        await setScene(page, self)
        for (const part of ADMINISTRATION) {
          await goOnTo(page, `/admin/${part}`)
          await expect(page.locator('main li, main dd').nth(6)).toBeVisible()
          await expectPicture(page, `admin-${part || 'overview'}`)
        }
        for (const tab of ['filter', 'suggestions']) {
          await page.goto('/incidents')
          await alive(page)
          await goOnTo(page, `/incidents?tab=${tab}`)
          await expect(page.locator('main').getByText(/^(?:What holds|Nobody claps)/)).toBeVisible()
          await expectPicture(page, `dashboard-${tab}-full`)
        }
        await page.unrouteAll()
        await page.goto('/incidents')
        await alive(page)
        problems.expectStatus(503, /\/backend\/(?:admin\/users|phrases\/user|account\/profile)/)
        await setScene(page, self, ['/backend/phrases/user'])
        await goOnTo(page, '/incidents?tab=filter')
        await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
        await expectPicture(page, 'dashboard-filter-away')
        await setScene(page, self, ['/backend/account/profile'])
        await goOnTo(page, '/settings')
        await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
        await expectPicture(page, 'settings-away')
      })

      test('a new account, and forms that were refused', async ({ page, context, anotherBrowser, problems }) => {
        await newOwner(context, 'private')
        await page.goto('/incidents')
        await alive(page)
        await expectPicture(page, 'dashboard-new')
        await page.goto('/incidents?tab=controls')
        await alive(page)
        await expectPicture(page, 'dashboard-new-controls')
        const stranger = await (await anotherBrowser(look)).newPage()
        await stranger.goto('/register')
        await hydrated(stranger)
        await stranger.getByRole('button', { name: 'Create my timer' }).click()
        await expect(stranger.locator('[aria-invalid=true]').first()).toBeFocused()
        await expectPicture(stranger, 'register-refused')
        problems.expectStatus(401, /\/api\/auth\/login/)
        await stranger.goto('/login')
        await hydrated(stranger)
        await stranger.getByLabel('E-mail').fill('ada@example.org')
        await stranger.getByLabel('Password', { exact: true }).fill('not the one of anybody')
        await stranger.getByRole('button', { name: 'Sign in' }).click()
        await expect(stranger.getByRole('alert')).toBeVisible()
        await expectPicture(stranger, 'login-refused')
      })
    })
  }
}

test('pictures show what is planted', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('/gallery')
  await hydrated(page)
  await holdStill(page)
  await page.evaluate(() => {
    const button = document.querySelector<HTMLElement>('#buttons .cta')
    if (button) button.style.filter = 'hue-rotate(90deg)'
  })
  await expect(page.locator('#buttons')).not.toHaveScreenshot('gallery-buttons-390-light.png')
})
