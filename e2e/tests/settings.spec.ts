import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { pressEnterOn, typeInto } from '../harness/keyboard.ts'
import { onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { goToPart, isSignedIn, openSettings, signInDevice } from '../harness/settings.ts'
import { expect, test } from '../harness/test.ts'

// Every journey here is made on a phone's width and with the keyboard alone.
test.use({ viewport: { width: 390, height: 844 } })

/** What is revoked is dead everywhere within this time. */
const REVOKED_MS = 1_000
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

test.describe('in the settings', () => {
  test('one changes the name, from the dashboard to the page that all see', async ({ page, context, anotherBrowser }) => {
    const person = await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await pressEnterOn(page, page.getByRole('link', { name: 'Settings' }))
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeFocused()
    const profile = await goToPart(page, 'Profile')
    const name = profile.getByRole('textbox', { name: 'Your name' })

    await typeInto(page, name, '')
    await page.keyboard.press('Enter')
    await expect(name).toHaveAttribute('aria-invalid', 'true')
    await expect(name).toBeFocused()
    await expect(profile.getByText('Your name must not be empty.')).toBeVisible()

    await page.keyboard.type('Countess of Lovelace')
    await page.keyboard.press('Enter')
    await expect(profile.getByRole('status')).toHaveText('Saved')
    await page.reload()
    await expect(name).toHaveValue('Countess of Lovelace')
    const visitor = await (await anotherBrowser()).newPage()
    await visitor.goto(person.path)
    await expect(visitor.getByText('kept by Countess of Lovelace')).toBeVisible()
  })

  test('one sees who sees what, and closes a timer', async ({ page, context, anotherBrowser, problems }) => {
    const person = await someoneSignedIn(context)
    const visitor = await (await anotherBrowser()).newPage()
    await visitor.goto(person.path)
    await expect(visitor.getByRole('timer')).toBeVisible()
    await openSettings(page)
    const part = await goToPart(page, 'Who sees what')
    const level = part.getByRole('combobox', { name: 'Visitors of Time since the last incident see' })
    await expect(level).toHaveValue('count')
    await level.focus()
    await page.keyboard.type('Nobody')
    await pressEnterOn(page, part.getByRole('button', { name: /^Change/ }))
    await expect(part.getByText('Closed: nobody else sees it now')).toBeVisible()
    await expect(level).toHaveValue('private')
    await expect(level).toBeFocused()
    problems.expectStatus(404, /incident-timer/)
    await visitor.goto(person.path)
    await expect(visitor.getByRole('heading', { name: 'Nothing here' })).toBeVisible()
  })

  test('one chooses a time zone by the name of a place, or takes that of the browser', async ({ page, context }) => {
    await someoneSignedIn(context)
    await openSettings(page)
    const profile = await goToPart(page, 'Profile')
    const zone = profile.getByRole('combobox', { name: 'Time zone' })

    await typeInto(page, zone, 'Atlantis')
    await page.keyboard.press('Enter')
    await expect(zone).toHaveAttribute('aria-invalid', 'true')
    await expect(zone).toBeFocused()

    await page.keyboard.press('Control+a')
    await page.keyboard.type('athens')
    await expect(profile.getByText(/In Athens it is \d\d:\d\d now/)).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(profile.getByRole('status')).toHaveText('Saved')
    await expect(zone).toHaveValue('Europe/Athens')

    await pressEnterOn(page, profile.getByRole('button', { name: /^Use London/ }))
    await expect(zone).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(profile.getByRole('status')).toHaveText('Saved')
    await page.reload()
    await expect(zone).toHaveValue('Europe/London')
  })

  test('Z10 one changes the address, and the old one leads to the new one', async ({
    page,
    context,
    anotherBrowser,
    problems,
  }) => {
    const person = await someoneSignedIn(context)
    const neighbour = await someoneSignedIn(await anotherBrowser())
    const taken = neighbour.path.split('/')[1] ?? ''
    const before = person.path.split('/')[1] ?? ''
    const after = `${before}-lives-here`
    await page.goto('/incidents')
    await onDashboard(page)
    await resetClock(page, 'so that there is an incident')
    await openSettings(page)
    const address = await goToPart(page, 'Address')
    const field = address.getByRole('textbox', { name: 'Your address' })
    await expect(address.getByRole('status', { name: 'Your page is at' })).toContainText(before)

    await test.step('not to the one of somebody else, which is said while typing', async () => {
      await typeInto(page, field, taken)
      await expect(address.getByText('Somebody else has this address.')).toBeVisible()
      problems.expectStatus(409, /\/backend\/account\/profile/)
      await page.keyboard.press('Enter')
      await expect(field).toBeFocused()
      await expect(field).toHaveAttribute('aria-invalid', 'true')
      await expect(field).toHaveValue(taken)
    })

    await test.step('to a free one, which is read before it is taken', async () => {
      await page.keyboard.press('Control+a')
      await page.keyboard.type(after.replaceAll('-', ' ').toUpperCase())
      await expect(address.getByRole('status', { name: 'Your page will be at' })).toContainText(`/${after}/`)
      await page.keyboard.press('Enter')
      await expect(address.getByRole('status').last()).toHaveText(`Saved. ${before} leads here for 90 days.`)
      await expect(field).toHaveValue(after)
      await expect(address.getByRole('listitem')).toHaveText(new RegExp(`^\\s*/${before}\\s*leads here until \\d+ \\w+ \\d{4}$`))
    })

    await test.step('a visitor of the old address ends at the new one, without JavaScript too', async () => {
      for (const javaScriptEnabled of [true, false]) {
        const visitor = await (await anotherBrowser({ javaScriptEnabled })).newPage()
        await visitor.goto(person.path)
        await expect(visitor).toHaveURL(new RegExp(`/${after}/incident-timer$`))
        await expect(visitor.getByText(`kept by ${person.name}`)).toBeVisible()
      }
    })

    await test.step('one that is open goes there by itself', async () => {
      const visitor = await (await anotherBrowser()).newPage()
      await visitor.goto(`/${after}/incident-timer?from=a-link`)
      await expect(visitor.getByText(`kept by ${person.name}`)).toBeVisible()
      await page.keyboard.press('Control+a')
      await page.keyboard.type(`${after}-now`)
      await page.keyboard.press('Enter')
      await expect(address.getByRole('status').last()).toHaveText(`Saved. ${after} leads here for 90 days.`)
      await visitor.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await expect(visitor).toHaveURL(new RegExp(`/${after}-now/incident-timer\\?from=a-link$`))
      await expect(visitor.getByText(`kept by ${person.name}`)).toBeVisible()
    })

    await test.step('programs are led there too, and nobody may keep the way', async () => {
      for (const [path, location] of [
        [person.path, `/${after}-now/incident-timer`],
        [`/api${person.path}`, `/api/${after}-now/incident-timer`],
      ] as const) {
        const answer = await (await anotherBrowser()).request.get(path, { maxRedirects: 0 })
        expect(answer.status(), path).toBe(307)
        expect(answer.headers()['location']).toBe(location)
        expect(answer.headers()['cache-control']).toMatch(/no-cache|no-store/)
        expect(answer.headers()['set-cookie']).toBeUndefined()
      }
    })
  })

  test('A15 S10 one changes the password, and every other device is signed out', async ({
    page,
    context,
    anotherBrowser,
    problems,
  }) => {
    const person = await someoneSignedIn(context)
    const other = await anotherBrowser()
    await signInDevice(other, person)
    await openSettings(page)
    const part = await goToPart(page, 'Password')
    const current = part.getByLabel('Current password', { exact: true })
    const next = part.getByLabel('New password', { exact: true })
    await expect(current).toHaveAttribute('autocomplete', 'current-password')
    await expect(next).toHaveAttribute('autocomplete', 'new-password')
    await expect(part.locator('[autocomplete=username]')).toHaveValue(person.email)

    await typeInto(page, current, 'not my password')
    await typeInto(page, next, 'a wholly new password')
    await pressEnterOn(page, part.getByRole('button', { name: 'Show the new password' }))
    await expect(next).toHaveAttribute('type', 'text')
    problems.expectStatus(403, /\/backend\/account\/password/)
    await pressEnterOn(page, part.getByRole('button', { name: 'Change password' }))
    await expect(current).toBeFocused()
    await expect(part.getByText('This is not your password.')).toBeVisible()
    await expect(next).toHaveValue('a wholly new password')
    expect(await isSignedIn(other)).toBe(true)

    await page.keyboard.press('Control+a')
    await page.keyboard.type(person.password)
    await page.keyboard.press('Enter')
    await expect(part.getByRole('status')).toHaveText('Changed. Every other device is signed out.')
    await delay(REVOKED_MS)
    expect(await isSignedIn(other)).toBe(false)
    await expect(current).toHaveValue('')
    const devices = page.getByRole('region', { name: 'Where you are signed in' })
    await expect(devices.getByRole('listitem')).toHaveCount(1)
    await expect(page.getByRole('region', { name: 'What happened' }).getByText('You changed the password')).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
    await signInDevice(other, person, 'a wholly new password')
  })

  test('S10 one sees one’s devices, and signs out one, all others, and all', async ({ page, context, anotherBrowser }) => {
    const person = await someoneSignedIn(context)
    const others = await Promise.all([
      anotherBrowser({ userAgent: IPHONE }),
      anotherBrowser({ userAgent: 'teapot/1.0' }),
      anotherBrowser({ userAgent: 'kettle/2.0' }),
    ])
    const [phone, teapot, kettle] = others
    for (const device of others) await signInDevice(device, person)
    await openSettings(page)
    const part = await goToPart(page, 'Where you are signed in')
    const rows = part.getByRole('listitem')
    await expect(rows).toHaveCount(4)
    await expect(rows.first()).toContainText(/Chrome on Linux\s+this device/)
    await expect(rows.first().getByRole('button')).toHaveCount(0)
    await expect(rows.filter({ hasText: 'Safari on an iPhone' })).toContainText(/last used \d+ \w+ \d{4}/)

    await pressEnterOn(page, part.getByRole('button', { name: /^Sign out Safari on an iPhone/ }))
    await expect(part.getByRole('status')).toHaveText('Safari on an iPhone is signed out')
    await delay(REVOKED_MS)
    expect(await isSignedIn(phone)).toBe(false)
    expect(await isSignedIn(teapot)).toBe(true)
    await expect(rows).toHaveCount(3)
    // The button went with its row, and the next Tab goes on from the heading.
    await expect(page.getByRole('heading', { name: 'Where you are signed in' })).toBeFocused()

    await pressEnterOn(page, part.getByRole('button', { name: 'Sign out all other devices' }))
    await expect(part.getByRole('status')).toHaveText('Every other device is signed out')
    await delay(REVOKED_MS)
    expect(await isSignedIn(teapot)).toBe(false)
    expect(await isSignedIn(kettle)).toBe(false)
    await expect(rows).toHaveCount(1)

    await signInDevice(kettle, person)
    await pressEnterOn(page, part.getByRole('button', { name: 'Sign out everywhere' }))
    await expect(page).toHaveURL(/\/$/)
    await delay(REVOKED_MS)
    expect(await isSignedIn(kettle)).toBe(false)
    expect(await isSignedIn(context)).toBe(false)
  })

  test('A14 one reads what happened, and more of it', async ({ page, context, anotherBrowser }) => {
    const person = await someoneSignedIn(context)
    const device = await anotherBrowser()
    for (let time = 0; time < 11; time++) await signInDevice(device, person)
    await openSettings(page)
    const part = await goToPart(page, 'What happened')
    const rows = part.getByRole('listitem')
    await expect(rows).toHaveCount(10)
    await expect(rows.first()).toHaveText(/^You signed (in|out)/)
    await pressEnterOn(page, part.getByRole('button', { name: 'Show more' }))
    await expect(rows.nth(10)).toBeFocused()
    while (await part.getByRole('button', { name: 'Show more' }).isVisible()) {
      const shown = await rows.count()
      await pressEnterOn(page, part.getByRole('button', { name: 'Show more' }))
      await expect(rows.nth(shown)).toBeFocused()
    }
    await expect(rows.last()).toContainText('You created the account')
  })

  test('P07 one takes all one’s data away', async ({ page, context }) => {
    const person = await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await resetClock(page, 'The bread burnt 🍞')
    await openSettings(page)
    const part = await goToPart(page, 'Your data')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      pressEnterOn(page, part.getByRole('button', { name: 'Download everything' })),
    ])
    expect(download.suggestedFilename()).toMatch(/^[\w.-]+\.json$/)
    await expect(part.getByRole('status')).toContainText(download.suggestedFilename())
    const data = JSON.parse(await readFile(await download.path(), 'utf8')) as {
      account: { email: string }
      timers: { incidents: { notes: string }[] }[]
    }
    expect(data.account.email).toBe(person.email)
    expect(data.timers.flatMap(({ incidents }) => incidents.map(({ notes }) => notes))).toEqual(['The bread burnt 🍞'])
    await expect(page.getByRole('region', { name: 'What happened' }).getByText('You downloaded your data')).toBeVisible()
  })

  test('Z11 A19 one deletes the account, with the password, and nothing is left', async ({
    page,
    context,
    anotherBrowser,
    problems,
  }) => {
    const person = await someoneSignedIn(context)
    const other = await anotherBrowser()
    await signInDevice(other, person)
    const visitor = await anotherBrowser()
    expect((await visitor.request.get(person.path)).status()).toBe(200)
    await openSettings(page)
    const part = await goToPart(page, 'Delete account')
    const password = part.getByLabel('Your password, to be sure it is you')

    await pressEnterOn(page, part.getByRole('button', { name: 'Delete my account…' }))
    await expect(password).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(part.getByRole('button', { name: 'Delete my account…' })).toBeFocused()
    await page.keyboard.press('Enter')

    await page.keyboard.type('not my password')
    problems.expectStatus(403, /\/backend\/account\b/)
    await page.keyboard.press('Enter')
    await expect(part.getByText('This is not your password.')).toBeVisible()
    await expect(password).toBeFocused()
    expect((await visitor.request.get(person.path)).status()).toBe(200)

    await page.keyboard.press('Control+a')
    await page.keyboard.type(person.password)
    await page.keyboard.press('Enter')
    await expect(page.getByText('Your account and everything in it are deleted')).toBeVisible()
    await expect(page).toHaveURL(/\/$/)
    await delay(2_000)
    expect((await visitor.request.get(person.path)).status()).toBe(404)
    expect(await isSignedIn(other)).toBe(false)
    expect(await isSignedIn(context)).toBe(false)
    const again = await visitor.request.post('/api/auth/login', { data: { email: person.email, password: person.password } })
    expect(again.status()).toBe(401)
  })
})
