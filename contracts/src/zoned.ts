/** A wall-clock reading without a zone: what a calendar and a clock on the wall show. Months count from 1. */
export interface WallTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

const DAY = 86_400_000

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs a thousand times what using it does, and a clock uses it every second. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(timeZone, formatter)
  }
  return formatter
}

/**
 * Milliseconds since the epoch as if the wall time were UTC. Arithmetic on days is exact in it, because UTC has no gaps.
 * Days and months may lie outside their range: day 0 is the last of the month before.
 */
export function wallToUtc(wall: WallTime): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
}

/** The inverse of {@link wallToUtc}. */
export function utcToWall(utc: number): WallTime {
  const date = new Date(utc)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

/**
 * The wall time that `instant` (epoch milliseconds, years 1000 to 9998) shows in an IANA zone; fractions of a second are cut. Read with
 * Temporal where there is one: the first formatter of a page keeps a phone busy for a tenth of a second, which Temporal does not.
 */
export function wallTimeAt(instant: number, timeZone: string): WallTime {
  const second = Math.floor(instant / 1000) * 1000
  return typeof Temporal === 'undefined' ? wallTimeByFormat(second, timeZone) : wallTimeByTemporal(second, timeZone)
}

/** As {@link wallTimeAt}, with Temporal, for a full second. */
export function wallTimeByTemporal(instant: number, timeZone: string): WallTime {
  const { year, month, day, hour, minute, second } = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone)
  return { year, month, day, hour, minute, second }
}

/** As {@link wallTimeAt}, with a formatter of dates, which every runtime has. */
export function wallTimeByFormat(instant: number, timeZone: string): WallTime {
  const text = formatterOf(timeZone).format(instant)
  const match = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(text)
  if (!match) throw new RangeError(`cannot read the local time ${text}`)
  const [, month, day, year, hour, minute, second] = match.map(Number) as [number, number, number, number, number, number, number]
  return { year, month, day, hour, minute, second }
}

/** Milliseconds that the zone is ahead of UTC at an instant. Before standard time this is no whole minute. */
function offsetAt(instant: number, timeZone: string): number {
  return wallToUtc(wallTimeAt(instant, timeZone)) - Math.floor(instant / 1000) * 1000
}

/**
 * The instant (epoch milliseconds) at which a zone shows a wall time, as Temporal's `compatible`: of a time that comes twice the
 * first, and for a time that a zone leaps over, the one as long after the leap as it would have been.
 */
export function instantOf(wallUtc: number, timeZone: string): number {
  const before = offsetAt(wallUtc - DAY, timeZone)
  const after = offsetAt(wallUtc + DAY, timeZone)
  for (const offset of before >= after ? [before, after] : [after, before]) {
    if (offsetAt(wallUtc - offset, timeZone) === offset) return wallUtc - offset
  }
  return wallUtc - before
}
