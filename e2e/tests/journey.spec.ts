import { shownSeconds } from '../harness/clock.ts'
import { hydrated, newPerson, onDashboard, register, resetClock, signIn, someoneSignedIn } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

test.describe('the main journey', () => {
  test('from the front page to a shared clock that runs', async ({ page, anotherBrowser }) => {
    const person = newPerson()

    await test.step('register, and see the future address while typing the name', async () => {
      await page.goto('/')
      await page.getByRole('link', { name: 'Start a timer' }).click()
      await hydrated(page)
      await page.getByLabel('Your name', { exact: true }).fill(person.name)
      await expect(page.getByRole('status', { name: 'Your page will be at' })).toHaveText(
        new RegExp(`${person.path.slice(1)}\\s*$`),
      )
      await page.getByLabel('E-mail').fill(person.email)
      await page.getByLabel('Password', { exact: true }).fill(person.password)
      await page.getByRole('button', { name: 'Create my timer' }).click()
      await onDashboard(page)
    })

    await test.step('reset with a note, and find it in the history', async () => {
      await resetClock(page, 'The bread burnt')
      expect(await shownSeconds(page)).toBeLessThan(10)
      const history = page.getByRole('listitem').filter({ hasText: 'The bread burnt' })
      await expect(history).toBeVisible()
    })

    await test.step('edit the note, and find it changed after a reload', async () => {
      const entry = page.getByRole('region', { name: 'History' }).getByRole('listitem').first()
      await entry.getByRole('button', { name: /^Edit/ }).click()
      await entry.getByLabel('What happened').fill('The bread burnt, the oven too')
      await entry.getByRole('button', { name: 'Save' }).click()
      await expect(entry.getByText('The bread burnt, the oven too')).toBeVisible()
      await page.reload()
      await onDashboard(page)
      await expect(page.getByText('The bread burnt, the oven too')).toBeVisible()
    })

    await test.step('delete one, and take the slip back', async () => {
      await resetClock(page, 'A slip')
      const slip = page.getByRole('region', { name: 'History' }).getByRole('listitem').filter({ hasText: 'A slip' })
      await slip.getByRole('button', { name: /^Delete/ }).click()
      await expect(slip).toBeHidden()
      await page.getByRole('button', { name: 'Undo' }).click()
      await expect(page.getByText('Back as it was')).toBeVisible()
      await expect(slip).toBeVisible()
      // Tokens live for five seconds here, so the page may have to fetch one before it can ask; the reload waits for that.
      await Promise.all([
        page.waitForResponse((answer) => answer.request().method() === 'DELETE'),
        slip.getByRole('button', { name: /^Delete/ }).click(),
      ])
      await expect(slip).toBeHidden()
      await page.reload()
      await onDashboard(page)
      await expect(slip).toBeHidden()
      await expect(page.getByText('The bread burnt, the oven too')).toBeVisible()
    })

    await test.step('a stranger watches the public page: the clock runs, the note is not there', async () => {
      const visitor = await (await anotherBrowser()).newPage()
      await visitor.goto(person.path)
      await expect(visitor.getByText(`kept by ${person.name}`)).toBeVisible()
      await expect(visitor.getByRole('timer')).toContainText('since the last incident')
      const before = await shownSeconds(visitor)
      await expect.poll(() => shownSeconds(visitor)).toBeGreaterThan(before + 1)
      expect(await visitor.content()).not.toContain('The bread burnt')
    })

    await test.step('and without JavaScript too', async () => {
      const visitor = await (await anotherBrowser({ javaScriptEnabled: false })).newPage()
      await visitor.goto(person.path)
      await expect(visitor.getByText(`kept by ${person.name}`)).toBeVisible()
      await expect(visitor.getByRole('timer')).toContainText(/(less than a minute|\d+ minutes?) since the last incident/)
      expect(await shownSeconds(visitor)).toBeGreaterThan(0)
    })

    await test.step('sign out, and sign in again', async () => {
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page).not.toHaveURL(/\/incidents/)
      await page.goto('/incidents')
      await expect(page).toHaveURL(/\/login/)
      await signIn(page, person)
      await expect(page.getByText('The bread burnt, the oven too')).toBeVisible()
    })
  })

  test('a private timer does not exist for anybody else', async ({ page, anotherBrowser, problems }) => {
    const person = newPerson()
    await register(page, person, { isPrivate: true })
    const visitor = await (await anotherBrowser()).newPage()
    problems.expectStatus(404, /\/incident-timer/)
    const answer = await visitor.goto(person.path)
    expect(answer?.status()).toBe(404)
    await expect(visitor.getByRole('heading', { name: 'Nothing here' })).toBeVisible()
    expect(await visitor.content()).not.toContain(person.name)
  })

  test('an address in another case leads to the page', async ({ page, context }) => {
    const person = await someoneSignedIn(context)
    await page.goto(person.path.toUpperCase())
    await expect(page).toHaveURL(new RegExp(`${person.path}$`))
    await expect(page.getByText(`kept by ${person.name}`)).toBeVisible()
  })
})
