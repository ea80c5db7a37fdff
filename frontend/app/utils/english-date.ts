import { wallTimeAt } from '#shared/utils/zoned'

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/**
 * A time as words, the same in every runtime: what the server writes before it knows the reader's language. Date libraries of
 * server and browser differ in commas, and one comma is a hydration mismatch.
 */
export function englishDate(iso: string, timeZone: string, withWeekday = false): string {
  const wall = wallTimeAt(Date.parse(iso), timeZone)
  const weekday = new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay()
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${wall.day} ${MONTHS[wall.month - 1]} ${wall.year}, ${two(wall.hour)}:${two(wall.minute)}`
  return withWeekday ? `${WEEKDAYS[weekday]}, ${date}` : date
}

/** The place that a zone is named after: `London`, `New York`, `UTC`. */
export function placeOf(timeZone: string): string {
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ')
}
