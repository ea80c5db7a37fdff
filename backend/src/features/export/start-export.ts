import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { ApiError } from '../../http/api-error.ts'
import type { Database, Sql } from '../../platform/database.ts'

/** Each holds a connection of the pool until its reader has got to the end. */
const AT_ONCE = 2
/** A reader may be slow, but not for ever: the database keeps what was deleted meanwhile for as long. */
const WITHIN_MS = 300_000
/** The database ends a transaction that has done nothing for 10 s. */
const TAKES_NOTHING_MS = 8_000

/** What is exported: `before` is done first, once it is sure that it may begin; `write` gives the text piece by piece, as of one moment. */
export interface Exported {
  before?: () => Promise<void>
  write: (sql: Sql) => Promise<AsyncGenerator<string>>
}

/** Starts an export for a user, and gives the stream of its text. */
export type StartExport = (userId: string, exported: Exported) => Promise<Readable>

/**
 * Exports text as of one moment: in one transaction, which goes on while its reader reads, and ends when that one is gone, takes nothing
 * for a while or takes too long; the text is then cut off. Few at once, and one for each user.
 *
 * @throws {ApiError} TOO_MANY_REQUESTS, OVERLOADED, and what `write` throws before it gives anything.
 */
export function createExports(sql: Database): StartExport {
  const underWay = new Set<string>()
  return async (userId, { before, write }) => {
    if (underWay.has(userId)) throw new ApiError('TOO_MANY_REQUESTS', { headers: { 'retry-after': '10' } })
    if (underWay.size >= AT_ONCE) throw new ApiError('OVERLOADED', { headers: { 'retry-after': '10' } })
    underWay.add(userId)
    try {
      await before?.()
    } catch (error) {
      underWay.delete(userId)
      throw error
    }
    const out = new PassThrough({ highWaterMark: 64 * 1024 })
    const gone = new AbortController()
    // Whoever sends the stream has listeners of their own; before that, and when nobody does, a failure must end nothing else.
    out
      .on('error', () => undefined)
      .once('close', () => {
        gone.abort()
      })
    const given = Promise.withResolvers<Readable>()
    const end = AbortSignal.any([gone.signal, AbortSignal.timeout(WITHIN_MS)])
    void sql
      .begin('isolation level repeatable read read only', async (sql) => {
        const written = await write(sql)
        given.resolve(out)
        for await (const text of written) {
          end.throwIfAborted()
          if (!out.write(text))
            await once(out, 'drain', { signal: AbortSignal.any([end, AbortSignal.timeout(TAKES_NOTHING_MS)]) })
        }
      })
      .then(
        () => out.end(),
        (error: unknown) => {
          given.reject(error)
          out.destroy(error instanceof Error ? error : undefined)
        },
      )
      .finally(() => underWay.delete(userId))
    return await given.promise
  }
}
