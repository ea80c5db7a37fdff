import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import type postgres from 'postgres'
import { databaseOf, quoteName } from '../environment.ts'
import { migrate } from '../migrate.ts'
import { OperatorError } from '../operator-error.ts'
import type { Backup } from './backup-folder.ts'
import { hasProgram, libpqEnvironment, orderArchive, restoreArguments, runProgram } from './custom-format.ts'
import { ARCHIVE, tableFile, type Manifest } from './manifest.ts'
import { findNewestIncident, listSequences, listTables } from './schema.ts'
import { copyIn, inSession } from './sessions.ts'
import { readTable } from './table-contents.ts'

/**
 * Makes an empty database (`url`, as its owner) what a backup holds: the schema of the backup's version, its rows, and then the
 * migrations that came later. Throws when anything differs from the manifest; the database is then of no use to anybody.
 */
export async function buildFromBackup(url: string, backup: Backup, manifest: Manifest, appRole?: string): Promise<void> {
  await migrate({ url, to: manifest.schema_version })
  await loadRows(url, backup, manifest)
  await compareWithManifest(url, manifest)
  await migrate({ url, ...(appRole === undefined ? {} : { appRole }) })
}

/** Loads the rows into a schema of the backup's version. Triggers of ours do not fire: what they made is in the rows already. */
export async function loadRows(url: string, backup: Backup, manifest: Manifest): Promise<void> {
  const names = manifest.tables.map(({ name }) => name)
  await inSession(url, async (sql) => {
    const known = (await listTables(sql)).map(({ name }) => name)
    const strangers = names.filter((name) => !known.includes(name))
    const missing = known.filter((name) => !names.includes(name))
    if (strangers.length + missing.length > 0) {
      throw new OperatorError(
        `The backup ${backup.name} does not have the tables of schema version ${manifest.schema_version} (${[...strangers, ...missing].join(', ')}).`,
      )
    }
    // What the migrations have put there, such as the roles, is in the backup too.
    await sql.unsafe(`truncate ${names.map(quoteName).join(', ')}`)
    for (const name of names) await sql.unsafe(`alter table ${quoteName(name)} disable trigger user`)
    if (manifest.format === 'tables') await sql.begin((sql) => copyTables(sql, backup, manifest))
    else await restoreArchive(url, backup, names)
  })
  await inSession(url, async (sql) => {
    for (const name of names) await sql.unsafe(`alter table ${quoteName(name)} enable trigger user`)
    for (const { name, last_value, is_called } of manifest.sequences)
      await sql`select setval(${quoteName(name)}::regclass, ${last_value}::bigint, ${is_called})`
    await sql.unsafe('analyze')
  })
}

/** Compares every table, the sequences and the newest incident. Throws `OperatorError` that names what differs. */
export async function compareWithManifest(url: string, manifest: Manifest): Promise<void> {
  const { tables, sequences, newest } = await inSession(url, async (sql) => ({
    tables: await listTables(sql),
    sequences: await listSequences(sql),
    newest: await findNewestIncident(sql),
  }))
  const problems: string[] = []
  for (const { name, columns, rows, sha256 } of manifest.tables) {
    const table = tables.find((one) => one.name === name)
    const found = table === undefined ? undefined : await readTable({ ...table, columns }, { ownerUrl: url })
    if (found?.rows !== rows) problems.push(`${name} has ${found?.rows ?? 'no'} rows, not ${rows}`)
    else if (found.sha256 !== sha256) problems.push(`${name} has other contents`)
  }
  if (JSON.stringify(sequences) !== JSON.stringify(manifest.sequences)) problems.push('sequences stand elsewhere')
  if (newest?.id !== manifest.newest_incident?.id || newest?.occurred_at !== manifest.newest_incident?.occurred_at)
    problems.push('the newest incident is another one')
  if (problems.length > 0) throw new OperatorError(`What was restored is not what was backed up: ${problems.join('; ')}.`)
}

async function copyTables(sql: postgres.TransactionSql, backup: Backup, manifest: Manifest): Promise<void> {
  for (const { name, columns } of manifest.tables) {
    const statement = `copy ${quoteName(name)} (${columns.map(quoteName).join(', ')}) from stdin`
    await copyIn(sql, statement, path.join(backup.folder, tableFile(name)))
  }
}

async function restoreArchive(url: string, backup: Backup, tables: string[]): Promise<void> {
  if (!(await hasProgram('pg_restore'))) {
    throw new OperatorError(
      `The backup ${backup.name} has the format custom, which needs pg_restore 17, and that is not on this machine: restore it in the containers, or make one with --format tables.`,
    )
  }
  const archive = path.join(backup.folder, ARCHIVE)
  const list = path.join(tmpdir(), `kw-restore-${randomBytes(6).toString('hex')}.list`)
  try {
    await writeFile(list, orderArchive(await runProgram('pg_restore', ['--list', archive], {}), tables), {
      mode: 0o600,
      flag: 'wx',
    })
    await runProgram('pg_restore', restoreArguments(databaseOf(url), list, archive), libpqEnvironment(url))
  } finally {
    await rm(list, { force: true })
  }
}
