import { grouped } from './grouped'

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

/**
 * A length of time in words, in its two largest units, rounded down: `412 days and 3 hours`, `6 hours`, `less than a minute`. Days
 * have 24 hours here.
 */
export function longSpan(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds))
  const words: string[] = []
  for (const [size, unit] of UNITS) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) words.push(`${grouped(count)} ${unit}${count === 1 ? '' : 's'}`)
    // Of a neighbour that is zero nothing is said, and nothing smaller either: it would be more exact than the rest.
    else if (words.length > 0) break
    if (words.length === 2) break
  }
  return words.length > 0 ? words.join(' and ') : 'less than a minute'
}
