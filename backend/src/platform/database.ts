import postgres from 'postgres'

/** The newest migration this code was written for. An older schema is not ready; a newer one may serve an older release. */
export const SCHEMA_VERSION = 4

/** The handle every query takes first: the pool, or a transaction of it. */
export type Sql = postgres.ISql<Types>

/** The pool itself, which alone can begin transactions. */
export type Database = postgres.Sql<Types>

// A type alias, not an interface: postgres.js wants an index signature here.
type Types = { bigint: number }

/** PostgreSQL's text of a timestamptz (`2026-07-05 13:58:04.123456+00`, session in UTC) as RFC 3339, microseconds kept. */
export function timestampFromText(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, text.lastIndexOf('+'))}Z`
}

/**
 * Opens a small pool. Statements are prepared and pipelined; times stay text, because `Date` would lose the microseconds;
 * `bigint` becomes a number (ours stay far below 2⁵³). Every wait has an end: connect, statement, lock, idle transaction.
 */
export function openDatabase(url: string, options: { max?: number } = {}): Database {
  return postgres(url, {
    max: options.max ?? 6,
    connect_timeout: 5,
    idle_timeout: 60,
    // An outage must not make the first request after it wait long.
    backoff: (attempt: number) => Math.min(0.1 * 2 ** attempt, 1),
    onnotice: () => undefined,
    types: {
      // The key overrides the library's own `date` type: no Date objects in either direction.
      date: { to: 1184, from: [1082, 1114, 1184], serialize: (value: string) => value, parse: timestampFromText },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
    connection: {
      application_name: 'kennwilliamson-api',
      TimeZone: 'UTC',
      statement_timeout: 5_000,
      lock_timeout: 3_000,
      idle_in_transaction_session_timeout: 10_000,
    },
  })
}
