import { z } from 'zod'

/** Where the next page begins: opaque, good for the list that gave it, stable while rows are added. */
export const Cursor = z
  .string()
  .max(200)
  .regex(/^[\w-]+$/, 'must be a cursor that a list gave')

/** How many rows a page has: 1 to 100, written in plain digits. */
const Limit = z
  .string()
  .regex(/^(?:[1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
  .transform(Number)

/** The query of a list that is read by pages. */
export const PageQuery = z.object({ cursor: Cursor.optional(), limit: Limit.optional() })

/** Rows of a page when nobody asks for another number. */
export const PAGE_SIZE = 50

/** Rows of a list of the core, which has no pages: the newest ones. */
export const CORE_LIST_LIMIT = 1000
