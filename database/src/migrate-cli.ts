import { parseArgs } from 'node:util'
import { takeBackup } from './backup/take-backup.ts'
import { appRoleOf, readDatabaseUrls, readSetting } from './environment.ts'
import { migrate } from './migrate.ts'
import { describeError, OperatorError } from './operator-error.ts'

/**
 * `node database/src/migrate-cli.ts`: migrates MIGRATION_DATABASE_URL (or DATABASE_URL) and grants the role of DATABASE_URL
 * its rights. INSTALL_MARKER names the file that remembers an installation. Where BACKUP_DIR is set, a database that has a
 * schema is backed up before it is migrated. Exit 1 with one line when it refuses.
 */
const HELP = `node database/src/migrate-cli.ts [--no-backup] [--allow-newer]: brings the schema to the newest version

  MIGRATION_DATABASE_URL   the owner of the schema (else DATABASE_URL)
  DATABASE_URL             whose role gets its rights
  BACKUP_DIR               where the backup goes that is made before anything changes
  INSTALL_MARKER           the file that remembers that this installation has data

  --no-backup     migrate without that backup
  --allow-newer   leave a schema that is newer than this release as it is: every migration lets the release before go on

Addresses may stand in files instead, named by <NAME>_FILE.`

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { 'no-backup': { type: 'boolean' }, 'allow-newer': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return
  }
  const urls = readDatabaseUrls(process.env)
  const [appRole, folder, installMarker] = [
    appRoleOf(urls),
    readSetting(process.env, 'BACKUP_DIR'),
    process.env['INSTALL_MARKER'],
  ]
  const { from, to } = await migrate({
    url: urls.owner,
    ...(appRole ? { appRole } : {}),
    ...(values['allow-newer'] ? { allowNewer: true } : {}),
    ...(installMarker ? { installMarker } : {}),
    ...(folder === undefined || values['no-backup'] ? {} : { beforeMigrating: () => backUp(urls.owner, folder) }),
  })
  process.stdout.write(from === to ? `schema is at version ${to}\n` : `schema migrated from version ${from} to ${to}\n`)
}

async function backUp(ownerUrl: string, folder: string): Promise<void> {
  try {
    const { name } = await takeBackup({ ownerUrl, folder, format: 'tables', occasion: 'before-migration' })
    process.stdout.write(`backup ${name} made before the migration\n`)
  } catch (error) {
    throw new OperatorError(
      `No backup could be made before the migration (${describeError(error)}), so nothing was migrated. Mend that, or migrate with --no-backup.`,
    )
  }
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof OperatorError ? error.message : `Migration failed: ${describeError(error)}`}\n`)
  process.exitCode = 1
}
