import postgres from 'postgres'
import { surviveLostConnections } from './lost-connections.ts'

/** The newest migration this code was written for. An older schema is not ready; a newer one may serve an older release. */
export const SCHEMA_VERSION = 11

/** Connections of one process's pool at most, beside the one that listens: the server has 40 for all of them. */
export const POOL_SIZE = 6

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

/** What every connection of ours is like. Every wait has an end: connect, statement, lock, idle transaction. */
const options = {
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
}
const connection = {
  application_name: 'kennwilliamson-api',
  TimeZone: 'UTC',
  statement_timeout: 5_000,
  lock_timeout: 3_000,
  idle_in_transaction_session_timeout: 10_000,
}

/**
 * Opens a small pool. Statements are prepared and pipelined; times stay text, because `Date` would lose the microseconds;
 * `bigint` becomes a number (ours stay far below 2⁵³).
 */
export function openDatabase(url: string, { max = POOL_SIZE }: { max?: number } = {}): Database {
  return surviveLostConnections(postgres(url, { ...options, max, connection }))
}

/** What else is heard on the connection that hears of revocations: there is one an instance. */
export interface Channel {
  name: string
  listen: (sql: Sql) => Promise<void>
  heard: (message: string) => void
  /** It listens, for the first time or anew: what was said before was not heard. */
  began: () => void
}

/**
 * Opens one connection on which to listen: `heard` gets each message of the channels that it is told to listen on, and which, in the order in
 * which their transactions were committed; `lost` is called when the connection is gone, and then it is of no use any more. The
 * driver's own `listen` connects anew without a word, and nobody would learn what was missed meanwhile. Nothing that must last is
 * to be written here: a commit does not wait for the disk.
 */
export function openListener(
  url: string,
  { heard, lost }: { heard: (message: string, channel: string) => void; lost: () => void },
): Database {
  // The driver's `listen` is made of this option, which its types leave out.
  const listening = { onnotify: (channel: string, message: string) => heard(message, channel) }
  return postgres(url, {
    ...options,
    ...listening,
    max: 1,
    max_lifetime: null,
    fetch_types: false,
    onclose: lost,
    connection: { ...connection, application_name: 'kennwilliamson-api-listener', synchronous_commit: 'off' },
  })
}
