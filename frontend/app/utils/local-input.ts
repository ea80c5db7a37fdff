import { instantOf, wallTimeAt, wallToUtc } from '#shared/utils/zoned'

/** An instant as a `datetime-local` field wants it, in the owner's zone, to the second. */
export function toLocalInput(iso: string, timeZone: string): string {
  return new Date(wallToUtc(wallTimeAt(Date.parse(iso), timeZone))).toISOString().slice(0, 19)
}

/** The instant that a `datetime-local` field says, in the owner's zone; null when it says none. */
export function fromLocalInput(text: string, timeZone: string): string | null {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?$/.exec(text)
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0))
  const utc = wallToUtc({ year, month, day, hour, minute, second })
  if (Number.isNaN(utc) || year < 1000 || year > 9998) return null
  return new Date(instantOf(utc, timeZone)).toISOString()
}
