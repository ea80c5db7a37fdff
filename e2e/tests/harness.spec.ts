import { hydrated } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'
import { traceWithoutWaits } from '../harness/trace-without-waits.ts'

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

test('a trace without waits has each task as long as its thread ran, and what is inside where it was in proportion', () => {
  const on = (tid: number) => ({ pid: 1, tid })
  const trace = [
    { ...on(1), name: 'RunTask', ph: 'X', ts: 1000, dur: 400, tdur: 100 },
    { ...on(1), name: 'Layout', ph: 'X', ts: 1200, dur: 200 },
    { ...on(1), name: 'mark', ph: 'I', ts: 1400 },
    { ...on(1), name: 'between', ph: 'I', ts: 1700 },
    { ...on(1), name: 'RunTask', ph: 'X', ts: 2000, dur: 80, tdur: 80 },
    { ...on(2), name: 'Layout', ph: 'X', ts: 1200, dur: 200 },
  ]
  expect(traceWithoutWaits(trace).map(({ ts, dur }) => [ts, dur])).toEqual([
    [1000, 100],
    [1050, 50],
    [1100, undefined],
    [1700, undefined],
    [2000, 80],
    [1200, 200],
  ])
})
