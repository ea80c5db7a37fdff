import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { databaseOf, quoteName, userOf, withDatabase } from '../environment.ts'
import { OperatorError } from '../operator-error.ts'
import { provideDatabase } from '../roles.ts'
import { inSession } from './sessions.ts'

const LOCK_SPACE = 7_101_919
const LOCK_WAIT_SECONDS = 30
const INSUFFICIENT_PRIVILEGE = '42501'
const OBJECT_IN_USE = '55006'

export interface ScratchOptions {
  /** Whoever may make databases. */
  superuserUrl: string
  /** The database whose like is made; its role will own it. */
  ownerUrl: string
  appRole?: string
}

/** A database that exists beside the real one for as long as something is tried in it. */
export interface Scratch {
  /** As the owner of the schema. */
  url: string
  /**
   * Puts this database in the place of the real one and removes that, in one transaction: before it everything is as it was, and
   * after it everything is new. Throws `OperatorError` while somebody is connected to the real one.
   */
  takeOver: () => Promise<void>
}

/**
 * Runs `work` with an empty scratch database and removes that afterwards, whatever happens; what a crash left of an earlier one is
 * removed first. One at a time for a database: others wait half a minute, and then an `OperatorError` says so.
 */
export async function withScratch<Result>(options: ScratchOptions, work: (scratch: Scratch) => Promise<Result>): Promise<Result> {
  const { superuserUrl, ownerUrl, appRole } = options
  const real = databaseOf(ownerUrl)
  const mark = createHash('sha256').update(real).digest('hex').slice(0, 12)
  const [scratch, replaced] = [`kw_scratch_${mark}`, `kw_replaced_${mark}`]
  // In the database that every server has: the real one may be missing, and is renamed.
  return inSession(withDatabase(superuserUrl, 'postgres'), async (sql) => {
    await takeLock(sql, mark)
    const remove = async (): Promise<void> => {
      for (const name of [scratch, replaced]) await sql.unsafe(`drop database if exists ${quoteName(name)} with (force)`)
    }
    try {
      await remove()
      await provideDatabase(sql, { superuser: superuserUrl, database: scratch, owner: userOf(ownerUrl), app: appRole })
      return await work({
        url: withDatabase(ownerUrl, scratch),
        takeOver: () => swap(sql, { real, scratch, replaced }),
      })
    } catch (error) {
      throw explainPrivilege(error, superuserUrl)
    } finally {
      await remove().catch(() => undefined)
    }
  })
}

/** Who is connected to a database and stays, by the names that programs give themselves. */
export async function listVisitors(superuserUrl: string, database: string): Promise<string[]> {
  return inSession(withDatabase(superuserUrl, 'postgres'), async (sql) => {
    let found = await findVisitors(sql, database)
    // A program that has just ended is seen for a moment longer.
    for (let tries = 0; tries < 10 && found.length > 0; tries++) {
      await delay(100)
      found = await findVisitors(sql, database)
    }
    return found
  })
}

/** True when the server has a database of this name. */
export async function hasDatabase(superuserUrl: string, database: string): Promise<boolean> {
  const found = await inSession(
    withDatabase(superuserUrl, 'postgres'),
    (sql) => sql`select from pg_database where datname = ${database}`,
  )
  return found.length > 0
}

async function swap(sql: postgres.Sql, names: { real: string; scratch: string; replaced: string }): Promise<void> {
  const [real, scratch, replaced] = [quoteName(names.real), quoteName(names.scratch), quoteName(names.replaced)]
  const [found] = await sql`select from pg_database where datname = ${names.real}`
  try {
    await sql.begin(async (sql) => {
      if (found) await sql.unsafe(`alter database ${real} rename to ${replaced}`)
      await sql.unsafe(`alter database ${scratch} rename to ${real}`)
    })
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== OBJECT_IN_USE) throw error
    throw new OperatorError(refusalOf(names.real, await findVisitors(sql, names.real)))
  }
}

/** The sentence for a database that cannot be replaced because it is in use. */
export function refusalOf(database: string, visitors: string[]): string {
  return `The database ${database} is in use (${visitors.join(', ') || 'nobody says by whom'}): stop the site first. Nothing was changed.`
}

async function findVisitors(sql: postgres.Sql, database: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct coalesce(nullif(application_name, ''), usename::text, 'unknown') as name
    from pg_stat_activity where datname = ${database} and backend_type = 'client backend' order by 1
  `
  return rows.map(({ name }) => name)
}

async function takeLock(sql: postgres.Sql, mark: string): Promise<void> {
  for (let second = 0; second < LOCK_WAIT_SECONDS; second++) {
    const [row] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${LOCK_SPACE}, hashtext(${mark})) as taken`
    if (row?.taken) return
    await delay(1000)
  }
  throw new OperatorError('Another proof or restore of this database is running: try again when it has ended.')
}

function explainPrivilege(error: unknown, superuserUrl: string): unknown {
  if (!(error instanceof postgres.PostgresError) || error.code !== INSUFFICIENT_PRIVILEGE) return error
  return new OperatorError(
    `The role ${userOf(superuserUrl)} may not do what a proof or a restore needs (${error.message}): set SUPERUSER_URL.`,
  )
}
