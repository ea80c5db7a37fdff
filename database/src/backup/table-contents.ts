import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { quoteName } from '../environment.ts'
import { copyOut, inSession } from './sessions.ts'
import type { Table } from './schema.ts'

/** What a table holds, in short. */
export interface TableDigest {
  name: string
  columns: string[]
  rows: number
  /** SHA-256 over the text form of PostgreSQL's COPY, all columns, in the order of the primary key. */
  sha256: string
}

export interface ReadOptions {
  ownerUrl: string
  /** A snapshot that another session has exported; absent, what there is now. */
  snapshot?: string
  /** Where the rows go, compressed; absent, they are only counted and digested. */
  file?: string
}

/** Reads a table once, from beginning to end, whatever its size; with a `file`, forces that to disk. */
export async function readTable(table: Table, { ownerUrl, snapshot, file }: ReadOptions): Promise<TableDigest> {
  return inSession(ownerUrl, async (sql) => {
    await sql.unsafe('begin isolation level repeatable read, read only')
    // A snapshot cannot be a parameter. It came from pg_export_snapshot().
    if (snapshot !== undefined) await sql.unsafe(`set transaction snapshot '${snapshot.replaceAll("'", '')}'`)
    const columns = table.columns.map(quoteName).join(', ')
    const rows = await copyOut(sql, `copy (select ${columns} from ${quoteName(table.name)} order by ${table.orderBy}) to stdout`)
    const seen = createHash('sha256')
    let count = 0
    const digest = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        seen.update(chunk)
        // One line is one row: a line break inside a value is written as \n.
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++
        done(null, chunk)
      },
    })
    if (file === undefined) await pipeline(rows, digest, nowhere())
    else await pipeline(rows, digest, createGzip(), createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }))
    return { name: table.name, columns: table.columns, rows: count, sha256: seen.digest('hex') }
  })
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
