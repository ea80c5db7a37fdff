import type { z } from 'zod'
import { ApiError } from './api-error.ts'

/** A page as it is answered, and where the next one begins. */
export interface Page<Row> {
  rows: Row[]
  next_cursor: string | null
}

/** Cuts a page out of rows of which one more was read than is shown. `keyOf` gives what the next page's query goes by. */
export function cutPage<Row>(read: Row[], limit: number, keyOf: (last: Row) => string[]): Page<Row> {
  const rows = read.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next_cursor: read.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null }
}

function encodeCursor(key: string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key in a cursor, null where there is no cursor. @throws {ApiError} INVALID_INPUT for what no list of this kind gave. */
export function readCursor<Key>(cursor: string | undefined, key: z.ZodType<Key>): Key | null {
  if (cursor === undefined) return null
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new ApiError('INVALID_INPUT', { errors: [{ path: 'cursor', message: 'must be a cursor that a list gave' }] })
  }
}
