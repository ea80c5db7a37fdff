import { hydrated, newPerson, onDashboard, register, resetClock } from '../harness/people.ts'
import { expect, test } from '../harness/test.ts'

test('P08 whoever visits this site is known to nobody else: no request leaves it', async ({ context, page, baseURL }) => {
  const origins = new Set<string>()
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.protocol !== 'blob:') origins.add(url.origin)
  })
  context.on('page', (opened) => opened.on('websocket', (socket) => origins.add(new URL(socket.url()).origin)))
  const person = newPerson()
  await page.goto('/')
  await page.goto('/login')
  await hydrated(page)
  await register(page, person)
  await resetClock(page, 'seen by nobody')
  await page.goto(person.path)
  await expect(page.getByRole('timer')).toBeVisible()
  await page.goto('/incidents')
  await onDashboard(page)
  expect([...origins]).toEqual([new URL(baseURL ?? '').origin])
  // Nor is the browser told to speak to anybody beforehand.
  for (const path of ['/', person.path, '/incidents']) {
    const answer = await context.request.get(path)
    expect(answer.headers().link ?? '').not.toMatch(/https?:|\/\//)
    expect(await answer.text()).not.toMatch(/<link[^>]+href="(?:https?:)?\/\/(?!localhost)/)
  }
})
