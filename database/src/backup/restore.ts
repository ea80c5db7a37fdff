import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { databaseOf, quoteName } from '../environment.ts'
import { newestVersion } from '../migrate.ts'
import { describeError, OperatorError } from '../operator-error.ts'
import { getBackup, noteProof, verifyBackup, type Backup } from './backup-folder.ts'
import { buildFromBackup } from './load-backup.ts'
import type { Manifest } from './manifest.ts'
import { recordRun } from './runs.ts'
import { listAllTables, readSchemaVersion, VERSION_TABLE } from './schema.ts'
import { hasDatabase, listVisitors, refusalOf, withScratch, type ScratchOptions } from './scratch-database.ts'
import { inSession } from './sessions.ts'
import { takeBackup } from './take-backup.ts'

export interface RestoreOptions extends ScratchOptions {
  /** Where backups are kept. */
  folder: string
  name: string
  /** Replace a database that is not empty. */
  replace: boolean
  /** False: keep no backup of what is replaced. */
  keepReplaced?: boolean
  /** Called when the backup was found good, before anything else: makes the roles, on a server that is new. */
  provideRoles?: () => Promise<void>
  /** The file that remembers an installation, written afterwards. */
  installMarker?: string
}

export interface Restored {
  name: string
  manifest: Manifest
  /** The backup of what was there before; absent where nothing was. */
  before?: string
  milliseconds: number
}

/**
 * Puts a backup in the place of the database. Everything is checked, built beside the real database and compared there before that
 * is touched, and then both change places in one moment: whatever fails before leaves the real one as it was.
 *
 * @throws {OperatorError} a backup that is damaged or of a newer schema, a database that is not empty (without `replace`) or in use.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const began = Date.now()
  const { superuserUrl, ownerUrl, appRole, folder } = options
  const backup = await getBackup(folder, options.name)
  const manifest = await verifyBackup(backup)
  await refuseNewer(backup, manifest)
  await options.provideRoles?.()
  const database = databaseOf(ownerUrl)
  const isThere = await hasDatabase(superuserUrl, database)
  const visitors = isThere ? await listVisitors(superuserUrl, database) : []
  if (visitors.length > 0) throw new OperatorError(refusalOf(database, visitors))
  const found = isThere ? await findRows(ownerUrl) : null
  if (found !== null && !options.replace)
    throw new OperatorError(`The database ${database} is not empty (${found}): --replace puts the backup in its place.`)
  const before = found === null || options.keepReplaced === false ? undefined : await keepReplaced(ownerUrl, folder)
  await withScratch(options, async (scratch) => {
    await buildFromBackup(scratch.url, backup, manifest, appRole)
    await scratch.takeOver()
  })
  if (options.installMarker !== undefined && !existsSync(options.installMarker)) {
    mkdirSync(path.dirname(options.installMarker), { recursive: true })
    writeFileSync(options.installMarker, `${JSON.stringify({ installed_at: new Date().toISOString() })}\n`)
  }
  return { name: backup.name, manifest, ...(before === undefined ? {} : { before }), milliseconds: Date.now() - began }
}

export interface ProveOptions extends ScratchOptions {
  folder: string
  name: string
}

/**
 * Proves that a backup can be restored, by doing so in a scratch database: every count, every digest and the newest incident must be
 * what the manifest says. Notes the outcome in `backup_runs` and, when it is good, beside the backup. Throws what a restore would.
 */
export async function proveBackup(options: ProveOptions): Promise<Omit<Restored, 'before'>> {
  const began = Date.now()
  let name: string | undefined
  try {
    const backup = await getBackup(options.folder, options.name)
    name = backup.name
    const manifest = await verifyBackup(backup)
    await refuseNewer(backup, manifest)
    await withScratch(options, (scratch) => buildFromBackup(scratch.url, backup, manifest, options.appRole))
    await noteProof(backup, new Date())
    const milliseconds = Date.now() - began
    await recordRun(options.ownerUrl, { kind: 'proof', succeeded: true, name, bytes: manifest.bytes, milliseconds })
    return { name, manifest, milliseconds }
  } catch (error) {
    await recordRun(options.ownerUrl, {
      kind: 'proof',
      succeeded: false,
      ...(name === undefined ? {} : { name }),
      milliseconds: Date.now() - began,
      detail: describeError(error),
    })
    throw error
  }
}

async function refuseNewer(backup: Backup, manifest: Manifest): Promise<void> {
  const newest = await newestVersion()
  if (manifest.schema_version <= newest) return
  throw new OperatorError(
    `The backup ${backup.name} has schema version ${manifest.schema_version}, newer than this code knows (${newest}): restore it with the release that made it, or a newer one.`,
  )
}

/** What the migrations and the tools fill by themselves: rows there are nobody's. */
const FILLED_BY_US = [VERSION_TABLE, 'roles', 'phrases', 'backup_runs']

/**
 * A table with rows, or null for a database without anything that could be lost. Looks at all tables, whatever is odd about them,
 * and where there is no schema of ours at any table at all.
 */
async function findRows(ownerUrl: string): Promise<string | null> {
  return inSession(ownerUrl, async (sql) => {
    const isOurs = (await readSchemaVersion(sql)) > 0
    for (const name of await listAllTables(sql)) {
      if (!isOurs) return name
      if (FILLED_BY_US.includes(name)) continue
      const rows = await sql.unsafe(`select from ${quoteName(name)} limit 1`)
      if (rows.length > 0) return name
    }
    return null
  })
}

async function keepReplaced(ownerUrl: string, folder: string): Promise<string> {
  try {
    return (await takeBackup({ ownerUrl, folder, format: 'tables', occasion: 'before-restore' })).name
  } catch (error) {
    throw new OperatorError(
      `What is there could not be backed up (${describeError(error)}), so nothing was changed. Mend that, or restore with --no-backup.`,
    )
  }
}
