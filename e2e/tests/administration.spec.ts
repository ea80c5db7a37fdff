import { pressEnterOn, tabTo, typeInto } from '../harness/keyboard.ts'
import { readLogs } from '../harness/logs.ts'
import { expectGood } from '../harness/good.ts'
import { workTheQueue } from '../harness/queue.ts'
import { newOwner } from '../harness/owner.ts'
import { alive, hydrated, onDashboard, someoneSignedIn, type Person } from '../harness/people.ts'
import { isSignedIn, signInDevice } from '../harness/settings.ts'
import { expect, test } from '../harness/test.ts'

test.use({ viewport: { width: 390, height: 844 } })
// One after the other, because a site is claimed once: run again, they need a site of its own.
test.describe.configure({ mode: 'serial' })
let admin: Person

test('the first administrator claims the site', async ({ page, context, anotherBrowser, problems }) => {
  admin = await someoneSignedIn(context)
  const codes = async () => [...(await readLogs()).matchAll(/claim code: ([0-9A-Z-]+)/g)].map(([, code]) => code ?? '')
  await expect.poll(codes).not.toEqual([])
  const code = (await codes()).at(-1) ?? ''

  await test.step('a wrong code is said beside the field, which keeps it', async () => {
    await page.goto('/claim')
    await hydrated(page)
    const field = page.getByLabel('Claim code')
    problems.expectStatus(403, /\/backend\/auth\/claim/)
    await typeInto(page, field, 'AAAA-AAAA-AAAA-AAAA')
    await page.keyboard.press('Enter')
    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await expect(field).toBeFocused()
    await expect(field).toHaveValue('AAAA-AAAA-AAAA-AAAA')
  })

  await test.step('the code of the log makes an administrator, however it is written', async () => {
    await page.keyboard.press('Control+a')
    await page.keyboard.type(code.toLowerCase().replaceAll('-', ' '))
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'You are the administrator' })).toBeFocused()
    await page.goto('/claim')
    await expect(page.getByRole('heading', { name: 'You are the administrator' })).toBeVisible()
    await pressEnterOn(page, page.getByRole('link', { name: 'Go to your timer' }))
    await onDashboard(page)
  })

  await test.step('who comes later is told so', async () => {
    const late = await anotherBrowser()
    await someoneSignedIn(late)
    const latePage = await late.newPage()
    await latePage.goto('/claim')
    await hydrated(latePage)
    problems.expectStatus(404, /\/backend\/auth\/claim/)
    await typeInto(latePage, latePage.getByLabel('Claim code'), code)
    await latePage.keyboard.press('Enter')
    await expect(latePage.getByRole('heading', { name: 'This site has its administrator already' })).toBeFocused()
  })
})

test('an administrator helps somebody who has lost the password', async ({ context, anotherBrowser, problems, baseURL }) => {
  await signInDevice(context, admin)
  const forgetful = await anotherBrowser()
  const person = await someoneSignedIn(forgetful)
  const { user } = (await (await forgetful.request.get('/api/_auth/session')).json()) as { user: { id: string } }
  /** As the administrator, whose tokens live for five seconds here. */
  const makeLink = async (): Promise<string> => {
    const { token } = (await (await context.request.get('/api/auth/jwt')).json()) as { token: string }
    const headers = { authorization: `Bearer ${token}` }
    const answer = await context.request.post(`/backend/admin/users/${user.id}/reset-link`, { headers })
    expect(answer.status(), await answer.text()).toBe(201)
    return ((await answer.json()) as { url: string }).url
  }
  const link = await makeLink()
  expect(link).toMatch(new RegExp(`^${baseURL ?? ''}/reset#[\\w-]{22,}$`))
  const token = link.split('#')[1] ?? ''
  const password = 'a password worth keeping'

  await test.step('S20 A14 the link sets a new password, and leaves its token nowhere', async () => {
    const holder = await anotherBrowser()
    const sent: string[] = []
    holder.on('request', (request) => {
      sent.push(`${request.url()} ${JSON.stringify(request.headers())}`)
      // The one place where it must be.
      if (!request.url().endsWith('/backend/auth/reset-password')) sent.push(request.postData() ?? '')
    })
    const opened = await holder.newPage()
    await opened.goto(link)
    await expect(opened).toHaveURL(/\/reset$/)
    await hydrated(opened)
    const kept = await opened.evaluate(() =>
      JSON.stringify([history.state, location.href, { ...localStorage }, { ...sessionStorage }, window.name, document.title]),
    )
    expect(kept).not.toContain(token)
    expect(await opened.content()).not.toContain(token)
    await expect(opened.locator('meta[name=robots]')).toHaveAttribute('content', 'noindex')

    const field = opened.getByLabel('New password', { exact: true })
    await typeInto(opened, field, 'password')
    problems.expectStatus(400, /\/backend\/auth\/reset-password/)
    await opened.keyboard.press('Enter')
    await expect(field).toHaveAttribute('aria-invalid', 'true')
    await expect(field).toBeFocused()
    await opened.keyboard.press('Control+a')
    await opened.keyboard.type(password)
    await pressEnterOn(opened, opened.getByRole('button', { name: 'Show the new password' }))
    await expect(field).toHaveValue(password)
    await pressEnterOn(opened, opened.getByRole('button', { name: 'Set the password' }))
    await expect(opened).toHaveURL(/\/login$/)
    await expect(opened.getByText('Your new password is set. Please sign in with it.')).toBeVisible()
    expect(await isSignedIn(forgetful)).toBe(false)

    await opened.goBack()
    expect(opened.url()).not.toContain(token)
    expect(sent.join('\n')).not.toContain(token)
    expect(sent.length).toBeGreaterThan(3)
    const logs = await readLogs()
    expect(logs).not.toContain(token)
    // The logs are those of this site, and up to date.
    expect(logs).toContain('/backend/auth/reset-password')
    await signInDevice(forgetful, person, password)
  })

  await test.step('A12 it works once, and only the newest does', async () => {
    const older = await makeLink()
    const newest = await makeLink()
    const opened = await (await anotherBrowser()).newPage()
    for (const spent of [link, older]) {
      await opened.goto('/login')
      await opened.goto(spent)
      await hydrated(opened)
      await tabTo(opened, opened.getByLabel('New password', { exact: true }))
      await opened.keyboard.type('another password entirely')
      await opened.keyboard.press('Enter')
      await expect(opened.getByRole('heading', { name: 'This link does not work any more' })).toBeFocused()
      await pressEnterOn(opened, opened.getByRole('link', { name: 'Sign in' }).last())
      await expect(opened).toHaveURL(/\/login$/)
    }
    // Opened where one that does not work is still shown: the same document, and yet the new token counts.
    await opened.goto(`${baseURL ?? ''}/reset`)
    await expect(opened.getByRole('heading', { name: 'This link is not whole' })).toBeVisible()
    await opened.goto(newest)
    await hydrated(opened)
    await opened.getByLabel('New password', { exact: true }).fill('and one more password')
    await opened.keyboard.press('Enter')
    await expect(opened).toHaveURL(/\/login$/)
    await signInDevice(forgetful, person, 'and one more password')
  })
})

test('I02 a suggestion is taken with a reason, its author sees that, it stands over a clock, and somebody hides it', async ({
  page,
  context,
  anotherBrowser,
}) => {
  const [ada, ben] = [await anotherBrowser(), await anotherBrowser()]
  await someoneSignedIn(ada)
  const adasPage = await ada.newPage()
  await adasPage.setViewportSize({ width: 390, height: 844 })
  const words = `Steady hands, ${String(Date.now())} times <img src=x onerror=alert(1)>`
  for (const text of [words, 'This one will be refused']) {
    await adasPage.goto('/incidents?tab=suggest')
    await hydrated(adasPage)
    await adasPage.getByRole('textbox', { name: 'The phrase' }).fill(text)
    await adasPage.keyboard.press('Enter')
    await expect(adasPage.getByText('Suggested: somebody will look at it')).toBeVisible()
  }

  await test.step('the queue is worked by keyboard', async () => {
    await signInDevice(context, admin)
    await page.goto('/admin')
    await expect(page.getByText('wait for you')).toBeVisible()
    await pressEnterOn(page, page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Suggestions' }))
    await workTheQueue(
      page,
      { words, reason: 'Short, and it holds.' },
      { words: 'This one will be refused', reason: 'We have it already.' },
    )
  })

  await test.step('the one who suggested them sees what became of them, once', async () => {
    await adasPage.goto('/incidents')
    const news = adasPage.getByRole('region', { name: 'News of your suggestions' })
    await expect(news.getByRole('listitem').filter({ hasText: words })).toContainText('is taken')
    await expect(news).toContainText('Short, and it holds.')
    await expect(news.getByRole('listitem').filter({ hasText: 'will be refused' })).toContainText('We have it already.')
    await expectGood(adasPage)
    await alive(adasPage)
    const noted = adasPage.waitForResponse('**/backend/phrases/suggestions/seen')
    await pressEnterOn(adasPage, news.getByRole('button', { name: 'I have seen it' }))
    await expect(news).toBeHidden()
    await expect(adasPage.getByRole('heading', { level: 1 })).toBeFocused()
    await noted
    await adasPage.reload()
    await expect(adasPage.getByRole('tab', { name: 'My suggestions' })).toBeVisible()
    await expect(news).toBeHidden()
    await adasPage.getByRole('tab', { name: 'My suggestions' }).click()
    await expect(adasPage.getByRole('tabpanel').getByRole('listitem').first()).toContainText('Not taken')
  })

  await test.step('it stands over a clock, and not any more where somebody hides it', async () => {
    const owner = await newOwner(ben, 'count')
    const { phrases } = (await owner.call('GET', '/phrases/user')) as { phrases: { id: string; phrase_text: string }[] }
    for (const { id, phrase_text } of phrases) if (phrase_text !== words) await owner.call('POST', `/phrases/exclude/${id}`)
    const visitor = await (await anotherBrowser()).newPage()
    await visitor.goto(owner.person.path)
    await expect(visitor.getByText(words, { exact: true })).toBeVisible()
    const bensPage = await ben.newPage()
    await bensPage.goto('/incidents?tab=filter')
    await alive(bensPage)
    await bensPage.getByLabel('Words to look for').fill('steady hands')
    const row = bensPage.getByRole('tabpanel').getByRole('listitem').filter({ hasText: words })
    await row.getByRole('button').press('Enter')
    await expect(row.getByRole('button', { pressed: true })).toBeVisible()
    await expect
      .poll(async () => {
        await visitor.reload()
        return visitor.getByText(words).count()
      })
      .toBe(0)
  })
})

test('I02 people are found and looked after by keyboard', async ({ page, context, anotherBrowser, problems, request }) => {
  const theirs = await anotherBrowser()
  const { person, call } = await newOwner(theirs, 'count')
  person.name = `<b onclick=alert(4)>${person.name}</b>`
  await call('PUT', '/account/profile', { display_name: person.name })
  await signInDevice(context, admin)
  await page.goto('/admin/users')
  await alive(page)
  const find = async ({ name, email }: Person) => {
    await typeInto(page, page.getByLabel('Part of a name, an e-mail or an address'), email)
    await expect(page.getByText('1 found')).toBeVisible()
    const row = page.getByRole('main').getByRole('listitem').filter({ hasText: name })
    await pressEnterOn(page, row.getByRole('button', { name }))
    return row
  }
  const row = await find(person)
  await expectGood(page)
  const isPublic = async () => (await request.get(person.path)).status()
  expect(await isPublic()).toBe(200)

  await test.step('deactivated, the page is gone and the session dead; the way back is an undo', async () => {
    await pressEnterOn(page, row.getByRole('button', { name: 'Deactivate' }))
    await expect(page.getByText('is deactivated')).toBeVisible()
    await expect.poll(isPublic).toBe(404)
    expect(await isSignedIn(theirs)).toBe(false)
    const signIn = (password: string) => theirs.request.post('/api/auth/login', { data: { email: person.email, password } })
    expect([(await signIn(person.password)).status(), (await signIn('not the password')).status()]).toEqual([403, 401])
    await expectGood(page)
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await expect(row.getByRole('button', { name: person.name })).toBeFocused()
    await expect.poll(isPublic).toBe(200)
    await signInDevice(theirs, person)
  })

  await test.step('made an administrator, a person sees administration; nobody may take the role from the last', async () => {
    const theirPage = await theirs.newPage()
    problems.expectStatus(403, /\/admin(?:\/users)?\b/)
    await theirPage.goto('/admin')
    await expect(theirPage.getByRole('heading', { name: 'For administrators only' })).toBeVisible()
    await expectGood(theirPage)
    await pressEnterOn(page, row.getByRole('button', { name: 'Make administrator' }))
    await expect(page.getByText('is an administrator')).toBeVisible()
    await theirPage.reload()
    await expect(theirPage.getByRole('heading', { name: 'Overview' })).toBeVisible()
    await pressEnterOn(page, row.getByRole('button', { name: 'Take the role away' }))
    await expect(page.getByText('is no administrator any more')).toBeVisible()
    // What is open already is of no use any more.
    await theirPage.goto('/admin/users')
    await expect(theirPage.getByRole('heading', { name: 'For administrators only' })).toBeVisible()
    problems.forget()
  })

  await test.step('signed out everywhere after a second press; a link to a new password is shown once', async () => {
    await pressEnterOn(page, row.getByRole('button', { name: 'Sign out everywhere…' }))
    await expect(row.getByRole('button', { name: 'Leave it' })).toBeFocused()
    await expectGood(page)
    await page.keyboard.press('Enter')
    await expect(row.getByRole('button', { name: 'Sign out everywhere…' })).toBeFocused()
    expect(await isSignedIn(theirs)).toBe(true)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect(page.getByText('is signed out everywhere')).toBeVisible()
    expect(await isSignedIn(theirs)).toBe(false)
    await pressEnterOn(page, row.getByRole('button', { name: 'Link to a new password' }))
    await expect(row.getByLabel('The link to a new password', { exact: true })).toHaveValue(/\/reset#[\w-]{43}$/)
    await expectGood(page)
  })

  await test.step('the last administrator stays one, and is told why', async () => {
    await page.reload()
    await alive(page)
    const own = await find(admin)
    problems.expectStatus(409, /\/demote/)
    await pressEnterOn(page, own.getByRole('button', { name: 'Take the role away' }))
    await pressEnterOn(page, own.getByRole('button', { name: 'Give up the role' }))
    await expect(own.getByRole('alert')).toContainText('The last active administrator must stay one')
    await pressEnterOn(page, own.getByRole('link', { name: 'What happened' }))
    await expect(page.getByRole('heading', { name: 'Audit log' })).toBeVisible()
    await expect(page.getByText(`${admin.name} signed ${person.name} out everywhere`)).toBeVisible()
    await expectGood(page)
    await page.getByLabel('Show').selectOption('Administrators unmade')
    await expect(page).toHaveURL(/action=admin_revoked/)
    await expect(page.getByText(`${admin.name} made ${person.name} an ordinary user`)).toBeVisible()
    await expect(page.getByRole('main').getByRole('listitem').filter({ hasText: 'signed' })).toHaveCount(0)
  })
})

test('phrases are made, changed, taken out of use and put back', async ({ page, context }) => {
  await signInDevice(context, admin)
  await page.goto('/admin/phrases')
  await alive(page)
  const words = `Made by hand ${String(Date.now())}`
  await pressEnterOn(page, page.getByRole('button', { name: 'New phrase' }))
  await page.keyboard.type('word')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The phrase must have at least 5 characters.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'The phrase' })).toBeFocused()
  await expectGood(page)
  await page.keyboard.press('Control+a')
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
  await expect(page.getByText('The phrase is made')).toBeVisible()
  const row = page.getByRole('main').getByRole('listitem').filter({ hasText: words })
  await expect(row.getByRole('button', { name: /^Edit/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('End')
  await page.keyboard.type(', and better')
  await page.getByLabel('When it stands over a clock').selectOption('The first days')
  await pressEnterOn(page, page.getByRole('button', { name: 'Save' }))
  await expect(row).toContainText(`${words}, and better`)
  await expect(row).toContainText('The first days')
  const saved = () => page.waitForResponse(/\/backend\/admin\/phrases\/[\w-]+$/)
  const out = saved()
  await row.getByRole('button', { name: /^Take out of use/ }).press('Enter')
  await expect(row.getByRole('button', { name: /^Put back/ })).toBeFocused()
  await out
  await page.reload()
  await alive(page)
  await page.getByLabel('Words to look for').fill(words)
  await expect(page.getByText('No phrase has such words in it.')).toBeVisible()
  await page.getByLabel('also those out of use').check()
  await expect(row).toContainText('out of use')
  await expectGood(page)
  const back = saved()
  await row.getByRole('button', { name: /^Put back/ }).press('Enter')
  await expect(row.getByRole('button', { name: /^Take out of use/ })).toBeFocused()
  await back
  await page.reload()
  await expect(row).toBeVisible()
})
