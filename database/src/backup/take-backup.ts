import { chmod, stat } from 'node:fs/promises'
import path from 'node:path'
import type postgres from 'postgres'
import { quoteName } from '../environment.ts'
import { describeError, OperatorError } from '../operator-error.ts'
import { makeBackup, writeForced, forceToDisk } from './backup-folder.ts'
import { dumpArguments, hasProgram, libpqEnvironment, runProgram } from './custom-format.ts'
import { ARCHIVE, dataFiles, tableFile, writeManifest, type Format, type Manifest } from './manifest.ts'
import { recordRun } from './runs.ts'
import { findNewestIncident, listSequences, listTables, readSchemaVersion } from './schema.ts'
import { inSession } from './sessions.ts'
import { readTable, type TableDigest } from './table-contents.ts'

export interface TakeOptions {
  ownerUrl: string
  /** Where backups are kept; made where only the last folder is missing. */
  folder: string
  /** Absent: `custom` where pg_dump of the server's version is at hand, else `tables`. */
  format?: Format
  /** What it is made before, such as `before-migration`: stands in its name. */
  occasion?: string
}

export interface TakenBackup {
  name: string
  manifest: Omit<Manifest, 'manifest_version'>
  milliseconds: number
}

/**
 * Makes one backup of the state at one moment, while others go on writing, and notes in `backup_runs` what became of it, as far as
 * the database answers. Memory stays the same whatever the size. When it fails, nothing is left on the disk.
 */
export async function takeBackup(options: TakeOptions): Promise<TakenBackup> {
  const began = Date.now()
  try {
    const format = options.format ?? ((await hasProgram('pg_dump')) ? 'custom' : 'tables')
    if (format === 'custom' && !(await hasProgram('pg_dump')))
      throw new OperatorError('The format custom needs pg_dump 17, which is not on this machine: take --format tables.')
    const { name, result: manifest } = await makeBackup(options.folder, options.occasion, (making, moment) =>
      fillFolder({ ownerUrl: options.ownerUrl, making, moment, format }),
    )
    const milliseconds = Date.now() - began
    await recordRun(options.ownerUrl, { kind: 'backup', succeeded: true, name, bytes: manifest.bytes, milliseconds })
    return { name, manifest, milliseconds }
  } catch (error) {
    const milliseconds = Date.now() - began
    await recordRun(options.ownerUrl, { kind: 'backup', succeeded: false, milliseconds, detail: describeError(error) })
    throw error
  }
}

interface Filling {
  ownerUrl: string
  making: string
  moment: Date
  format: Format
}

/** Counts, digests and rows are all of the snapshot that this one session exports and holds until the end. */
async function fillFolder({ ownerUrl, making, moment, format }: Filling): Promise<Omit<Manifest, 'manifest_version'>> {
  return inSession(ownerUrl, (sql) =>
    sql.begin('isolation level repeatable read, read only', async (sql) => {
      const schemaVersion = await readSchemaVersion(sql)
      if (schemaVersion === 0) throw new OperatorError('The database has no schema yet: there is nothing to back up.')
      const tables = await listTables(sql)
      await holdTables(sql, [...tables.map(({ name }) => name)])
      const [row] = await sql<{ snapshot: string; version: string }[]>`
        select pg_export_snapshot() as snapshot, current_setting('server_version') as version
      `
      const { snapshot = '', version = '' } = row ?? {}
      if (format === 'custom') {
        const file = path.join(making, ARCHIVE)
        await runProgram('pg_dump', dumpArguments(snapshot, file), libpqEnvironment(ownerUrl))
        await chmod(file, 0o600)
        await forceToDisk(file)
      }
      const digests: TableDigest[] = []
      for (const table of tables) {
        const file = format === 'tables' ? { file: path.join(making, tableFile(table.name)) } : {}
        digests.push(await readTable(table, { ownerUrl, snapshot, ...file }))
      }
      const sizes = await Promise.all(
        dataFiles({ format, tables: digests }).map(async (name) => (await stat(path.join(making, name))).size),
      )
      const manifest = {
        format,
        schema_version: schemaVersion,
        created_at: moment.toISOString(),
        postgres_version: version,
        tables: digests,
        sequences: await listSequences(sql),
        newest_incident: await findNewestIncident(sql),
        bytes: sizes.reduce((all, one) => all + one, 0),
      }
      await writeForced(path.join(making, 'manifest.json'), writeManifest(manifest))
      return manifest
    }),
  )
}

/** Nobody alters a table between the first look at it and its copy; rows may be written all the time. */
async function holdTables(sql: postgres.TransactionSql, tables: string[]): Promise<void> {
  await sql.unsafe(`lock table ${tables.map(quoteName).join(', ')} in access share mode`)
}
