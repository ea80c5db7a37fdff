import { describe, expect, it } from 'vitest'
import { restartDelay } from './service.ts'

describe('restartDelay', () => {
  it('begins short, doubles, and stays at 15 s', () => {
    expect([1, 2, 3, 4, 5].map(restartDelay)).toEqual([100, 200, 400, 800, 1_600])
    expect(restartDelay(30)).toBe(15_000)
  })

  it('lets a part that fails four times in a row still be back within 5 s', () => {
    expect([1, 2, 3, 4].map(restartDelay).reduce((all, one) => all + one)).toBeLessThan(2_000)
  })
})
