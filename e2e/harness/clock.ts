import type { Page } from '@playwright/test'

const SECONDS: Record<string, number> = { week: 604_800, day: 86_400, hour: 3_600, minute: 60, second: 1 }

/** What the clock on a page shows, in seconds. For runs of less than a month. */
export async function shownSeconds(page: Page): Promise<number> {
  const groups = page.getByRole('timer').locator('.group')
  const texts = await groups.evaluateAll((found) =>
    found.map((group) => [
      group.querySelector('.unit')?.textContent ?? '',
      [...group.querySelectorAll('.flap > .up')].map((half) => half.textContent).join(''),
    ]),
  )
  return texts.reduce((sum, [unit = '', digits = '']) => {
    const size = SECONDS[unit.trim().toLowerCase().replace(/s$/, '')]
    if (size === undefined) throw new Error(`the clock shows ${unit}, which this test does not know`)
    return sum + size * Number(digits.replace(/\D/g, ''))
  }, 0)
}
