import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ApiError } from '../../http/api-error.ts'
import { createPasswordQueue, type InTurn } from './password-queue.ts'

/** Two hundred at once: two are worked on at any time, 64 wait, and all others are told at once to come back. */
async function expectBounds(inTurn: InTurn): Promise<void> {
  let [now, most, refusedWhileWorking] = [0, 0, 0]
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      inTurn(async () => {
        most = Math.max(most, ++now)
        await delay(2)
        now--
        return n
      }).catch((error: unknown) => {
        if (now > 0) refusedWhileWorking++
        return error
      }),
    ),
  )
  const refused = outcomes.filter((outcome) => outcome instanceof ApiError)
  expect([most, refused.length, refusedWhileWorking]).toEqual([2, 134, 134])
  for (const { code, extras } of refused) expect([code, extras.headers]).toEqual(['OVERLOADED', { 'retry-after': '1' }])
  // Those that had their turn are done, and there is room again.
  expect(outcomes.filter((outcome) => typeof outcome === 'number')).toHaveLength(66)
  expect(await inTurn(() => Promise.resolve('next'))).toBe('next')
  await expect(inTurn(() => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
}

test('A03, D04: the queue for password work has a width and an end', async () => {
  await expectBounds(createPasswordQueue({ atOnce: 2, waiting: 64 }))
})

test('the check is not blind: it finds a queue without a width, and one without an end', async () => {
  await expect(expectBounds((work) => work())).rejects.toThrow()
  await expect(expectBounds(createPasswordQueue({ atOnce: 2, waiting: Infinity }))).rejects.toThrow()
})
