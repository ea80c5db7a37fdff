import { migrate, MigrationRefused } from './migrate.ts'

/**
 * `node database/src/migrate-cli.ts`: migrates MIGRATION_DATABASE_URL (or DATABASE_URL) and grants the role of DATABASE_URL
 * its rights. INSTALL_MARKER names the file that remembers an installation. Exit 1 with one line when it refuses.
 */
const { DATABASE_URL, MIGRATION_DATABASE_URL, INSTALL_MARKER } = process.env
const url = MIGRATION_DATABASE_URL ?? DATABASE_URL

function userOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).username)
}

if (!url) {
  process.stderr.write('MIGRATION_DATABASE_URL or DATABASE_URL must be set.\n')
  process.exitCode = 1
} else {
  const appRole = DATABASE_URL && userOf(DATABASE_URL) !== userOf(url) ? userOf(DATABASE_URL) : undefined
  try {
    const { from, to } = await migrate({
      url,
      ...(appRole ? { appRole } : {}),
      ...(INSTALL_MARKER ? { installMarker: INSTALL_MARKER } : {}),
    })
    process.stdout.write(from === to ? `schema is at version ${to}\n` : `schema migrated from version ${from} to ${to}\n`)
  } catch (error) {
    const reason =
      error instanceof MigrationRefused
        ? error.message
        : `Migration failed: ${error instanceof Error ? error.message : String(error)}`
    process.stderr.write(`${reason}\n`)
    process.exitCode = 1
  }
}
