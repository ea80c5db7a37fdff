import { test as base, type BrowserContext, type BrowserContextOptions } from '@playwright/test'
import { Problems } from './problems.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  /** What went wrong in the browser; anything that a test does not expect fails it. */
  problems: Problems
  /** A browser of someone else, or of the same person elsewhere: nothing shared with the first, watched all the same. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<BrowserContext>
}

export const test = base.extend<Fixtures>({
  problems: [
    async ({ context, baseURL }, use) => {
      const problems = new Problems(baseURL ?? '')
      problems.watch(context)
      await use(problems)
      problems.verify()
    },
    { auto: true },
  ],
  anotherBrowser: async ({ browser, baseURL, problems }, use) => {
    const opened: BrowserContext[] = []
    await use(async (options) => {
      const context = await browser.newContext({
        ...(baseURL === undefined ? {} : { baseURL }),
        ignoreHTTPSErrors: true,
        ...options,
      })
      problems.watch(context)
      opened.push(context)
      return context
    })
    await Promise.all(opened.map((context) => context.close()))
  },
})
