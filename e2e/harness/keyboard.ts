import { expect, type Locator, type Page } from '@playwright/test'

/** Presses Tab until the element has the focus, as far as a patient person would. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`40 times Tab did not lead to ${String(target)}`)
}

/** True when something is drawn around the focused element that is not there without the focus. */
export async function showsFocus(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!element) return false
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
  })
}

/** Goes to a field with Tab and types over what is in it. */
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field)
  await page.keyboard.press('Control+a')
  await (text === '' ? page.keyboard.press('Delete') : page.keyboard.type(text))
}

/** Goes to a button or link with Tab, where the focus must be seen, and presses Enter. */
export async function pressEnterOn(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  expect(await showsFocus(page)).toBe(true)
  await page.keyboard.press('Enter')
}
