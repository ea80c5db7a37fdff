import { expect, type Page } from '@playwright/test'
import { expectGood } from './good.ts'
import { tabTo } from './keyboard.ts'

interface Verdict {
  words: string
  reason: string
}

/** Takes one suggestion and refuses the one after it, by keyboard, on a page of administration that shows what waits. */
export async function workTheQueue(page: Page, taken: Verdict, refused: Verdict): Promise<void> {
  const row = page.getByRole('listitem', { name: taken.words, exact: true })
  await tabTo(
    page,
    page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ has: page.getByRole('button') })
      .first(),
  )
  await expect(row).toBeVisible()
  // Others may wait here before it, from other tests.
  for (let presses = 0; presses < 40 && !(await row.evaluate((one) => one === document.activeElement)); presses++)
    await page.keyboard.press('ArrowDown')
  await page.keyboard.press('r')
  await expect(row.getByRole('textbox')).toBeFocused()
  await page.keyboard.type('arrows and letters are text here')
  await page.keyboard.press('Escape')
  await expect(row).toBeFocused()
  await page.keyboard.press('a')
  await expect(row.getByRole('button', { name: 'Take it' })).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type(taken.reason)
  await expectGood(page)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Taken: it can stand over every clock now')).toBeVisible()
  const next = page.getByRole('listitem', { name: refused.words })
  await expect(next).toBeFocused()
  await page.keyboard.press('r')
  await page.keyboard.type(refused.reason)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Refused', { exact: true })).toBeVisible()
  await expect(next).toHaveCount(0)
}
