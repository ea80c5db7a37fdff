import { pressEnterOn, tabTo, typeInto } from '../harness/keyboard.ts'
import { readLogs } from '../harness/logs.ts'
import { hydrated, onDashboard, someoneSignedIn } from '../harness/people.ts'
import { isSignedIn, signInDevice } from '../harness/settings.ts'
import { expect, test } from '../harness/test.ts'

test.use({ viewport: { width: 390, height: 844 } })

// One test, because a site is claimed once: run again, it needs a site of its own.
test('the first administrator claims the site, and helps somebody who has lost the password', async ({
  page,
  context,
  anotherBrowser,
  problems,
  baseURL,
}) => {
  const admin = await someoneSignedIn(context)
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

  expect(admin.email).not.toBe(person.email)
})
