import { hydrated } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

const PLANTED = [
  /^console warning: planted warning/,
  /^uncaught: Error: planted error/,
  /^answered 404: GET \S+\/backend\/no-such-path/,
  /^console error: .*Content Security Policy/,
  /^off the site: https:\/\/elsewhere\.example\//,
  /^failed: GET https:\/\/elsewhere\.example\//,
]

test.describe('the watch over the browser', () => {
  test('finds everything that is planted, so that its silence means something', async ({ page, problems }) => {
    await page.route('https://elsewhere.example/**', (route) => route.abort('failed'))
    await page.goto('/')
    expect(problems.take()).toEqual([])

    await page.evaluate(async () => {
      // eslint-disable-next-line no-console -- the message is the plant
      console.warn('planted warning')
      setTimeout(() => {
        throw new Error('planted error')
      })
      await fetch('/backend/no-such-path')
      document.body.setAttribute('style', 'color: red')
    })
    await page.goto('https://elsewhere.example/').catch(() => undefined)

    const found: string[] = []
    for (const planted of PLANTED) {
      const isFound = () => {
        found.push(...problems.take())
        return found.some((one) => planted.test(one))
      }
      await expect.poll(isFound, { message: String(planted) }).toBe(true)
    }
  })

  test('finds a page that mismatches on hydration', async ({ page, problems }) => {
    await page.route('**/login', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: (await answer.text()).replace('<form', '<i></i><form') })
    })
    await page.goto('/login')
    await hydrated(page)
    expect(problems.take().join('\n')).toMatch(/console error: Hydration completed but contains mismatches/)
  })

  test('fails a test for a problem that did not come', ({ problems }) => {
    problems.expect(/never/)
    expect(() => problems.verify()).toThrow(/expected but did not come/)
    problems.forget()
  })
})
