import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import postgres from 'postgres'

const CONNECT_WITHIN = 10_000

/**
 * What decides how PostgreSQL writes a value as text: the digests of a table must be the same on every server. And what would end
 * a long copy: sessions of ours may wait in their transaction for as long as another one copies.
 */
const SETTINGS = [
  "set TimeZone = 'UTC'",
  "set DateStyle = 'ISO, YMD'",
  "set IntervalStyle = 'postgres'",
  'set extra_float_digits = 1',
  "set bytea_output = 'hex'",
  'set statement_timeout = 0',
  'set idle_in_transaction_session_timeout = 0',
  'set transaction_timeout = 0',
  "set lock_timeout = '60s'",
].join(';')

/** Runs `work` in one session of its own, which ends with it. */
export async function inSession<Result>(url: string, work: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const sockets: Socket[] = []
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'kennwilliamson-backup' },
    socket: async (options: { host: string[]; port: number[]; path?: string | false }) => {
      const [host = '', port = 5432] = [options.host[0], options.port[0]]
      const socket = await openSocket(options.path ? { path: options.path } : { host, port })
      sockets.push(socket)
      // postgres.js takes the name for TLS from there.
      return Object.assign(socket, { host })
    },
  } as postgres.Options<Record<string, postgres.PostgresType>>)
  try {
    await sql.unsafe(SETTINGS)
    return await work(sql)
  } finally {
    await sql.end({ timeout: 0 })
    sockets.forEach(letGo)
  }
}

async function openSocket(place: { host: string; port: number } | { path: string }): Promise<Socket> {
  const socket = connect(place)
  socket.setTimeout(CONNECT_WITHIN, () => socket.destroy(new Error(`no connection within ${CONNECT_WITHIN / 1000} s`)))
  await once(socket, 'connect')
  socket.setTimeout(0)
  return socket
}

/**
 * postgres.js leaves the socket of a copy that was read to its end, or given up, paused (porsager/postgres#917): such a session
 * answers no further statement, and its socket would keep the process from ending.
 */
function letGo(socket: Socket): void {
  if (socket.destroyed) return
  const hard = setTimeout(() => socket.destroy(), 500)
  socket.once('close', () => clearTimeout(hard))
  socket.resume()
}

/** Begins a `copy … to stdout`; its bytes come as fast as they are read. The last statement of its session, see above. */
export async function copyOut(sql: postgres.Sql | postgres.TransactionSql, statement: string): Promise<Readable> {
  return sql.unsafe(statement).readable()
}

/**
 * Sends the text of a gzip file to a `copy … from stdin`. Rejects when the file breaks off, and with PostgreSQL's own error when it
 * refuses the data. postgres.js tells that of its own accord only while bytes are still to be sent; after the last one nobody would
 * ever hear (porsager/postgres#1173), so that the rejection is taken from the query itself.
 */
export async function copyIn(sql: postgres.TransactionSql, statement: string, file: string): Promise<void> {
  const query = sql.unsafe(statement) as postgres.PendingQuery<postgres.Row[]> & { reject: (error: Error) => void }
  const refused = new Promise<never>((_resolve, fail) => {
    const { reject } = query
    query.reject = (error) => {
      reject(error)
      fail(error)
    }
  })
  refused.catch(() => undefined)
  const target: Writable = await query.writable()
  await Promise.race([pipeline(createReadStream(file), createGunzip(), target), refused])
}
