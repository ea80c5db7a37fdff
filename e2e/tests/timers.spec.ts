import { AxeBuilder } from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { onDashboard, resetClock, someoneSignedIn } from '../harness/people.ts'
import { signInDevice } from '../harness/settings.ts'
import { expect, test } from '../harness/test.ts'

/** A day and a time of day in UTC, the zone of new accounts, as a field for them takes it. */
const field = (at: number) => new Date(at).toISOString().slice(0, 19)

test.describe('on the dashboard', () => {
  test('one keeps several timers, each at an address of its own', async ({ page, context }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents')
    await onDashboard(page)
    await page.getByRole('button', { name: 'New timer' }).click()
    const form = page.getByRole('form', { name: 'New timer' })
    await form.getByLabel('What do you count').fill('Days without sugar')
    await form.getByLabel('Since when').fill('2026-01-01T00:00')
    await form.getByRole('button', { name: 'Start it' }).click()
    await expect(page).toHaveURL(/[?&]timer=days-without-sugar/)
    await expect(page.getByRole('heading', { name: 'Days without sugar', level: 1 })).toBeVisible()
    await onDashboard(page)
    await resetClock(page, 'A slice of cake')
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Days without sugar', level: 1 })).toBeVisible()
    for (const tab of ['timer', 'controls']) {
      await page.goto(`/incidents?timer=days-without-sugar&tab=${tab}`)
      await expect(page.getByRole('timer')).toBeVisible()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
  })

  test('a reset of earlier says what it would do, and does that; it can be taken back after a reload', async ({
    page,
    context,
  }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents?tab=controls')
    await onDashboard(page)
    await resetClock(page, 'First')
    await page.getByRole('button', { name: 'It happened earlier' }).click()
    await page.getByLabel('When', { exact: true }).fill(field(Date.now() - 3 * 86_400_000))
    await expect(page.getByText('this lies before the last incident')).toBeVisible()
    await page.getByRole('button', { name: 'Reset', exact: false }).first().click()
    await expect(page.getByText('The incident is noted')).toBeVisible()
    await page.reload()
    await onDashboard(page)
    const history = page.getByRole('region', { name: 'History' }).getByRole('listitem')
    await expect(history).toHaveCount(2)
    await page.getByRole('button', { name: 'Take the last reset back' }).click()
    await expect(history).toHaveCount(1)
  })

  test('of two browsers that edit at once neither loses anything', async ({ page, context, anotherBrowser, problems }) => {
    const person = await someoneSignedIn(context)
    await page.goto('/incidents?tab=controls')
    await onDashboard(page)
    await resetClock(page, 'As it was')
    const elsewhere = await anotherBrowser()
    await signInDevice(elsewhere, person)
    const other = await elsewhere.newPage()
    await other.goto('/incidents?tab=controls')
    await onDashboard(other)
    const edit = async (on: typeof page, note: string) => {
      await on.getByRole('button', { name: /^Edit/ }).click()
      await on.getByRole('form', { name: 'Edit the incident' }).getByLabel('What happened').fill(note)
    }
    await edit(page, 'Mine')
    await edit(other, 'Theirs')
    await other.getByRole('form', { name: 'Edit the incident' }).getByRole('button', { name: 'Save' }).click()
    await expect(other.getByRole('listitem').getByText('Theirs')).toBeVisible()
    problems.expectStatus(412, /\/incidents\//)
    const form = page.getByRole('form', { name: 'Edit the incident' })
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(form.getByRole('alert').filter({ hasText: 'changed elsewhere' })).toContainText('Theirs')
    await expect(form.getByLabel('What happened')).toHaveValue('Mine')
    await form.getByRole('button', { name: 'Save mine' }).click()
    await expect(page.getByRole('listitem').getByText('Mine')).toBeVisible()
  })

  test('what goes out comes in again, and nothing twice', async ({ page, context }) => {
    await someoneSignedIn(context)
    await page.goto('/incidents?tab=controls')
    await onDashboard(page)
    await resetClock(page, '=1+1')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV' }).click(),
    ])
    const file = await readFile(await download.path(), 'utf8')
    expect(file).toContain("'=1+1")
    await page.getByLabel('Import a file').setInputFiles({
      name: 'more.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${file}incident,2026-01-02T00:00:00Z,Long ago,\r\nincident,yesterday,,\r\n`),
    })
    await expect(page.getByText('the time must be one such as')).toBeVisible()
    await page.getByRole('button', { name: 'Add 1 incident' }).click()
    await expect(page.getByRole('region', { name: 'History' }).getByText('Long ago')).toBeVisible()
    await expect(page.getByRole('region', { name: 'History' }).getByRole('listitem')).toHaveCount(2)
  })
})
