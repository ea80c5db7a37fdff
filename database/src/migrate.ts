import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import Postgrator from 'postgrator'
import { quoteName } from './environment.ts'
import { OperatorError } from './operator-error.ts'

/** The one PostgreSQL major that the migrations and the data folder are made for. */
export const POSTGRES_MAJOR = 17

const MIGRATIONS = fileURLToPath(new URL('../migrations/*.sql', import.meta.url))
const GRANTS = fileURLToPath(new URL('../grants.sql', import.meta.url))
const LOCK_KEY = 7_101_917
const LOCK_WAIT_SECONDS = 60
const LOCK_NOT_AVAILABLE = '55P03'

/** A reason not to touch this database, in one sentence that says what to do. */
export class MigrationRefused extends OperatorError {
  override name = 'MigrationRefused'
}

export interface MigrateOptions {
  /** A role that owns the database. */
  url: string
  /** The role the application signs in with; gets row access and no more. Absent: the owner's own, nothing is granted. */
  appRole?: string
  /** A file that remembers that this installation has data, so that a lost volume is not taken for a new site. */
  installMarker?: string
  /**
   * The version to stop at, for a backup of that version; the newest when absent. Grants are those of the newest, so there is no
   * `appRole` with it.
   */
  to?: number
  /** Leave a schema that is newer than this code as it is, instead of refusing: for going back to the release before. */
  allowNewer?: boolean
  /** Called before the first pending migration of a database that has a schema already. When it throws, nothing is migrated. */
  beforeMigrating?: (from: number, to: number) => Promise<void>
}

export interface MigrateResult {
  from: number
  to: number
}

/**
 * Brings the schema to the newest version: one migrator at a time (advisory lock), each file in one transaction, checksums
 * of what ran before compared. Safe to run at every start.
 *
 * @throws {MigrationRefused} another PostgreSQL major, a schema newer than this code, a changed migration file, an empty
 * database where the install marker says there was one, or a lock that somebody else holds for more than five seconds.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const sql = postgres(options.url, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'kennwilliamson-migrate', TimeZone: 'UTC', lock_timeout: 5_000 },
  })
  try {
    await refuseOtherMajor(sql)
    await takeLock(sql)
    return await runMigrations(sql, options)
  } catch (error) {
    throw explainLock(error, 'The migration')
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The newest schema version that this code knows. */
export async function newestVersion(): Promise<number> {
  return readMigrations().getMaxVersion()
}

async function refuseOtherMajor(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int / 10000 as version`
  if (row?.version !== POSTGRES_MAJOR) {
    throw new MigrationRefused(
      `This site needs PostgreSQL ${POSTGRES_MAJOR}, but the server at DATABASE_URL is PostgreSQL ${row?.version}.`,
    )
  }
}

async function takeLock(sql: postgres.Sql): Promise<void> {
  for (let second = 0; second < LOCK_WAIT_SECONDS; second++) {
    const [row] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${LOCK_KEY}) as taken`
    if (row?.taken) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  throw new MigrationRefused(`Another process has been migrating this database for over ${LOCK_WAIT_SECONDS} seconds.`)
}

async function runMigrations(sql: postgres.Sql, options: MigrateOptions): Promise<MigrateResult> {
  const postgrator = readMigrations(sql)
  const from = await postgrator.getDatabaseVersion()
  const newest = await postgrator.getMaxVersion()
  const to = options.to ?? newest
  if (from > newest) {
    if (options.allowNewer) return { from, to: from }
    throw new MigrationRefused(
      `The database has schema version ${from}, newer than this code knows (${newest}). Start the newer release, or restore a backup made with this one.`,
    )
  }
  if (to > newest) throw new MigrationRefused(`Schema version ${to} is newer than this code knows (${newest}).`)
  const { installMarker } = options
  if (from === 0 && installMarker && existsSync(installMarker)) {
    throw new MigrationRefused(
      `The database is empty, but ${installMarker} says that this site had data. Restore a backup; or remove that file to begin anew.`,
    )
  }
  await postgrator.validateMigrations(from).catch((error: unknown) => {
    throw new MigrationRefused(
      `${error instanceof Error ? error.message : String(error)}: a migration file was changed after it ran. Put the file back as it was.`,
    )
  })
  if (from > 0 && from < to) await options.beforeMigrating?.(from, to)
  // Postgrator makes its own table in several statements; ours to put both it and each file into transactions.
  for (const migration of postgrator.getRunnableMigrations(from, to)) {
    await sql.unsafe('begin')
    try {
      if (migration.version === 1) await createVersionTable(sql)
      await postgrator.runMigrations([migration])
      await sql.unsafe('commit')
    } catch (error) {
      await sql.unsafe('rollback')
      throw explainLock(error, `Migration ${migration.version}`)
    }
  }
  if (options.appRole) await grantTo(sql, options.appRole)
  if (installMarker && !existsSync(installMarker)) {
    mkdirSync(dirname(installMarker), { recursive: true })
    writeFileSync(installMarker, `${JSON.stringify({ installed_at: new Date().toISOString() })}\n`)
  }
  return { from, to }
}

function readMigrations(sql?: postgres.Sql): Postgrator {
  return new Postgrator({
    driver: 'pg',
    migrationPattern: MIGRATIONS,
    schemaTable: 'schemaversion',
    currentSchema: 'public',
    newline: 'LF',
    execQuery: async (query) => ({ rows: sql === undefined ? [] : await sql.unsafe(query) }),
  })
}

/** What a person can mend, as a sentence; anything else as it is. */
function explainLock(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) return error
  return new MigrationRefused(
    `${what} gave up after waiting 5 seconds for a lock that somebody else holds, such as a running backup or a long transaction. Nothing of it was changed: try again later.`,
    { cause: error },
  )
}

async function createVersionTable(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(
    'create table if not exists schemaversion (version bigint primary key, name text, md5 text, run_at timestamptz); insert into schemaversion (version) values (0) on conflict do nothing',
  )
}

async function grantTo(sql: postgres.Sql, role: string): Promise<void> {
  await sql.unsafe(readFileSync(GRANTS, 'utf8').replaceAll(':app_role', quoteName(role)))
}
