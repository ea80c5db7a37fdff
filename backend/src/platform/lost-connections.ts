import type postgres from 'postgres'

/** The driver's words for a connection that is gone, and the two with which a server takes its leave (57P01, 57P02). */
const GONE = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02'])

/**
 * Makes a transaction whose connection is lost fail without another word to the server. The driver (postgres 3.4.9) would send
 * a `rollback` down the lost connection, in a turn of its own where nobody can catch that there is none any more, and that
 * ends the whole process (porsager/postgres#1208). So the work of such a transaction never settles; it is the loss itself that
 * rejects what `begin` has promised.
 */
export function surviveLostConnections<Types extends Record<string, unknown>>(sql: postgres.Sql<Types>): postgres.Sql<Types> {
  type Work = (transaction: postgres.TransactionSql<Types>) => Promise<unknown>
  const begin = sql.begin.bind(sql) as (options: string, work: Work) => Promise<unknown>
  const guarded = (...given: [work: Work] | [options: string, work: Work]): Promise<unknown> => {
    const [options, work] = given.length === 1 ? ['', given[0]] : given
    return begin(options, async (transaction) => {
      try {
        return await work(transaction)
      } catch (error) {
        if (isGone(error)) return await new Promise<never>(() => undefined)
        throw error
      }
    })
  }
  return Object.assign(sql, { begin: guarded })
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && GONE.has(error.code)
}
