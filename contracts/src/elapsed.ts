import { instantOf, utcToWall, wallTimeAt, wallToUtc, type WallTime } from './zoned.ts'

/** The time between two instants, split by calendar. All are whole and not negative. */
export interface ElapsedParts {
  years: number
  months: number
  weeks: number
  days: number
  hours: number
  minutes: number
  seconds: number
}

const DAY = 86_400_000

/** A calendar date as UTC midnight, days and months carried over. */
function dateUtc(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day)
}

/** The date `months` after a start; a day that the month does not have becomes its last, as Temporal constrains it. */
function addMonths(start: WallTime, months: number): number {
  const lastDay = new Date(dateUtc(start.year, start.month + months + 1, 0)).getUTCDate()
  return dateUtc(start.year, start.month + months, Math.min(start.day, lastDay))
}

/**
 * The time from `since` to `now` (both epoch milliseconds) by calendar in the owner's zone, such that counting the parts from
 * `since`, as `Temporal.ZonedDateTime.add` does, arrives at `now` exactly, to the second, over daylight saving and leap days.
 *
 * The date part is the longest that does not overshoot `now`; what is left is real time. So a part never runs backwards, and on
 * a day of 25 hours the hours may reach 24. Before `since` all parts are 0.
 */
export function elapsedParts(since: number, now: number, timeZone: string): ElapsedParts {
  const none = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }
  if (now <= since) return none

  const start = wallTimeAt(since, timeZone)
  const end = wallTimeAt(now, timeZone)
  const startDate = dateUtc(start.year, start.month, start.day)
  const startOfDay = wallToUtc(start) - startDate
  const fraction = since - Math.floor(since / 1000) * 1000

  // The newest date on which the start's time of day has passed. Tomorrow is tried too: where clocks go back over midnight, a
  // time of tomorrow has been there already. Two days back is as far as a leap over a whole day can push.
  let date = startDate
  let anchor = since
  for (const candidate of [1, 0, -1, -2].map((days) => dateUtc(end.year, end.month, end.day + days))) {
    if (candidate <= startDate) break
    const instant = instantOf(candidate + startOfDay, timeZone) + fraction
    if (instant <= now) {
      date = candidate
      anchor = instant
      break
    }
  }

  const to = utcToWall(date)
  let months = (to.year - start.year) * 12 + to.month - start.month
  if (to.day < start.day) months--
  const days = Math.round((date - addMonths(start, months)) / DAY)
  const seconds = Math.floor((now - anchor) / 1000)
  return {
    years: Math.floor(months / 12),
    months: months % 12,
    weeks: Math.floor(days / 7),
    days: days % 7,
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  }
}

/** The names of the parts, from the largest to the smallest. */
export const PART_NAMES = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const

/** The parts that a clock shows: all but the zeros on the left; minutes and seconds always. */
export function shownParts(parts: ElapsedParts): (keyof ElapsedParts)[] {
  const first = PART_NAMES.findIndex((name) => parts[name] > 0)
  return PART_NAMES.slice(first < 0 ? 5 : Math.min(first, 5))
}

/**
 * The time in its largest unit, rounded down, as a badge says it: `3 years`, `12 days`, `less than a minute`. Days go on to 13, because
 * `1 week` would hide up to six of them.
 */
export function elapsedRoughly(parts: ElapsedParts): string {
  const days = parts.weeks * 7 + parts.days
  const named: [number, string][] = [
    [parts.years, 'year'],
    [parts.months, 'month'],
    [days < 14 ? 0 : parts.weeks, 'week'],
    [days, 'day'],
    [parts.hours, 'hour'],
    [parts.minutes, 'minute'],
  ]
  const largest = named.find(([count]) => count > 0)
  if (!largest) return 'less than a minute'
  const [count, unit] = largest
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/**
 * The parts as one sentence for reading aloud, down to the minute, without zeros: `2 weeks, 3 days and 1 hour`. Under a minute it
 * says so, because a count of seconds would be wrong before it is read.
 */
export function elapsedSentence(parts: ElapsedParts): string {
  const words = PART_NAMES.slice(0, -1)
    .filter((name) => parts[name] > 0)
    .map((name) => `${parts[name]} ${parts[name] === 1 ? name.slice(0, -1) : name}`)
  const last = words.pop()
  if (!last) return 'less than a minute'
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`
}
