import { expect, it } from 'vitest'
import { spanWords } from './span-words'

it.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [59.9, '59 seconds'],
  [60, '1 minute'],
  [3_599, '59 minutes'],
  [3_600, '1 hour'],
  [18_720, '5 hours 12 minutes'],
  [86_399, '23 hours 59 minutes'],
  [86_400, '1 day'],
  [108_000, '1 day 6 hours'],
  [7 * 86_400 - 1, '6 days 23 hours'],
  [7 * 86_400 + 3_600, '7 days'],
  [412 * 86_400, '412 days'],
])('%d seconds are %s', (seconds, words) => {
  expect(spanWords(seconds)).toBe(words)
})
