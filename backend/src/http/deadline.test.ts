import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { limitTime } from './deadline.ts'
import { handleError } from './error-handler.ts'

type App = ReturnType<typeof Fastify>

/** An API whose only route never answers, or late. */
async function listen(
  prepare: (app: App) => void,
  late?: number,
): Promise<{ app: App; ask: (body?: string) => Promise<number> }> {
  const app = Fastify({ handlerTimeout: 200 })
  app.setErrorHandler(handleError)
  prepare(app)
  const never = (): Promise<unknown> =>
    new Promise((resolve) => {
      if (late !== undefined) setTimeout(resolve, late, { late: true })
    })
  app.route({ method: ['GET', 'POST'], url: '/', handler: never })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (body?: string) => {
    const init = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(1_000) }).catch(() => null)
    return answer?.status ?? 0
  }
  return { app, ask }
}

test('O05: a request is answered in time, with a body as without one', async () => {
  const { app, ask } = await listen((app) => {
    limitTime(app, 100)
  })
  expect(await ask()).toBe(503)
  expect(await ask('{"a":1}')).toBe(503)
  await app.close()
})

test('an answer that comes after all is dropped', async () => {
  const { app, ask } = await listen((app) => {
    limitTime(app, 100)
  }, 300)
  expect(await ask('{"a":1}')).toBe(503)
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(await ask('{"a":1}')).toBe(503)
  await app.close()
})

test('the check is not blind: Fastify’s own limit forgets a request with a body', async () => {
  const { app, ask } = await listen(() => undefined)
  expect(await ask()).toBe(500)
  expect(await ask('{"a":1}')).toBe(0)
  app.server.closeAllConnections()
  await app.close()
})
