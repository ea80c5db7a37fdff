import { z } from 'zod'

/** A lower-case UUID (RFC 9562). Keys of every table; version 7, so they sort by creation. */
export const Uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID')

/** An instant in an answer: RFC 3339 in UTC, `2026-07-05T13:58:04.123456Z`, up to microseconds. */
export const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/)

/**
 * An instant in a request: RFC 3339 with any offset, from the year 1000 to 9999 (four digits in every zone).
 * Kept as text, because a `Date` would lose the microseconds.
 */
export const TimestampInput = z
  .string()
  .max(40)
  .pipe(z.iso.datetime({ offset: true, error: 'must be a time such as 2026-07-05T13:58:04Z' }))
  .refine((text) => {
    const year = new Date(text).getUTCFullYear()
    return year >= 1000 && year <= 9998 && !/[+-](?:1[6-9]|2\d):\d\d$/.test(text)
  }, 'must lie between the years 1000 and 9998')

/** Counts what a reader would call characters: code points, not UTF-16 units. */
function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * Text that PostgreSQL can store and give back equal: no U+0000, no lone surrogates. Lengths in code points.
 * `line` refuses control characters, and those that turn the direction of what follows (a name must not rewrite the page
 * around it); `lines` allows line breaks, tabs and any direction; `any` is for what is only hashed.
 */
export function text(limits: { min?: number; max: number; characters?: 'line' | 'lines' | 'any' }) {
  const { min = 0, max, characters = 'line' } = limits
  const forbidden = { line: /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u, lines: /[^\P{Cc}\n\r\t]/u, any: /(?!)/ }[characters]
  return z
    .string()
    .refine((value) => value.isWellFormed() && !forbidden.test(value), 'contains characters that cannot be used here')
    .refine((value) => value.length <= max || codePoints(value) <= max, `must have at most ${max} characters`)
    .refine((value) => codePoints(value) >= min, min === 1 ? 'must not be empty' : `must have at least ${min} characters`)
    .meta({ minLength: min, maxLength: max })
}

/** A slug as it stands in an address: lower-case letters and digits of any script, marks and single hyphens, at most 60 characters. */
export const Slug = z
  .string()
  .max(240)
  .regex(/^[\p{L}\p{N}\p{M}]+(?:-[\p{L}\p{N}\p{M}]+)*$/u)

/** `{message}`: what the core answers where there is nothing else to say. */
export const Message = z.object({ message: z.string() })
