import type { Charts } from '@kennwilliamson/contracts/incidents'
import { wallTimeAt } from '#shared/utils/zoned'

const DAY = 86_400_000
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** A day of the year map: its column (week) and row (weekday, Monday first), and how it stands. */
export interface YearCell {
  /** `2026-07-05`. */
  day: string
  week: number
  weekday: number
  /** An incident; or by how long the run had lasted: up to a week, a month, a quarter, longer. `none` is before it counted. */
  kind: 'none' | 'incident' | 'week' | 'month' | 'quarter' | 'longer'
}

/** The whole map. */
export interface YearMap {
  cells: YearCell[]
  months: { name: string; week: number }[]
  weeks: number
}

const utcOf = (day: string) => Date.parse(`${day}T00:00:00Z`)
const dayOf = (utc: number) => new Date(utc).toISOString().slice(0, 10)

/** The calendar day of an instant in the owner's zone. */
function calendarDay(iso: string, timeZone: string): string {
  const { year, month, day } = wallTimeAt(Date.parse(iso), timeZone)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

function kindOf(age: number): YearCell['kind'] {
  if (age <= 7) return 'week'
  if (age <= 30) return 'month'
  return age <= 91 ? 'quarter' : 'longer'
}

/** Lays the days from `first_day` to `last_day` out by weeks. A day's colour says how long it was since the last incident before it. */
export function yearMap(charts: Charts, timeZone: string): YearMap {
  const busy = new Set(charts.days.map(({ day }) => day))
  // A run that began before the first day is known from the runs.
  const starts = [...busy, charts.counted_from, ...charts.runs.map(({ from }) => calendarDay(from, timeZone))].sort()
  const first = utcOf(charts.first_day)
  // 1 January 1970 was a Thursday.
  const offset = (first / DAY + 3) % 7
  const cells: YearCell[] = []
  const months: YearMap['months'] = []
  let start: string | undefined
  let next = 0
  for (let index = 0, utc = first; utc <= utcOf(charts.last_day); index++, utc += DAY) {
    const day = dayOf(utc)
    while (next < starts.length && (starts[next] ?? '') <= day) start = starts[next++]
    const age = start === undefined ? 0 : (utc - utcOf(start)) / DAY
    const kind = busy.has(day) ? 'incident' : day < charts.counted_from ? 'none' : kindOf(age)
    const week = Math.floor((index + offset) / 7)
    cells.push({ day, week, weekday: (index + offset) % 7, kind })
    const isNewMonth = day.endsWith('-01') || index === 0
    // Two names need three weeks between them.
    if (isNewMonth && week - (months.at(-1)?.week ?? -3) >= 3)
      months.push({ name: MONTHS[Number(day.slice(5, 7)) - 1] ?? '', week })
  }
  return { cells, months, weeks: (cells.at(-1)?.week ?? 0) + 1 }
}
