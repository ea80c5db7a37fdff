import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { databaseOf, quoteName, userOf, withDatabase, type DatabaseUrls } from './environment.ts'
import { OperatorError } from './operator-error.ts'

const LOCK_KEY = 7_101_918
/** PostgreSQL's own default. */
const SCRAM_ITERATIONS = 4096

/**
 * Makes the database of MIGRATION_DATABASE_URL and the roles of both addresses, or sets their passwords anew, with the rights
 * of SUPERUSER_URL: the owner, who migrates, and the application's, who may not change the schema. Safe to run at every
 * start, and by several at once. Throws `OperatorError` where the addresses do not fit together.
 */
export async function provideRoles(urls: DatabaseUrls): Promise<void> {
  const { superuser, owner, app } = urls
  if (superuser === undefined) throw new OperatorError('SUPERUSER_URL must be set: only a superuser makes roles.')
  if (app !== undefined && databaseOf(app) !== databaseOf(owner))
    throw new OperatorError('DATABASE_URL and MIGRATION_DATABASE_URL must name the same database.')
  const server = connect(superuser, 'postgres')
  try {
    // Two sessions that alter one role at once fail with "tuple concurrently updated".
    await server`select pg_advisory_lock(${LOCK_KEY})`
    for (const url of new Set([owner, ...(app === undefined ? [] : [app])])) await provideRole(server, superuser, url)
    await provideDatabase(server, { superuser, database: databaseOf(owner), owner: userOf(owner), app: app && userOf(app) })
  } finally {
    await server.end({ timeout: 5 })
  }
}

/** A database and whom it is for. */
export interface DatabaseOrder {
  superuser: string
  database: string
  owner: string
  app: string | undefined
}

/**
 * Makes a database where it is not there yet, gives it to its owner, closes it to everybody else and creates the extensions that
 * only a superuser may. `server` is a superuser's session on any database.
 */
export async function provideDatabase(server: postgres.Sql, { superuser, database, owner, app }: DatabaseOrder): Promise<void> {
  const [found] = await server`select 1 from pg_database where datname = ${database}`
  const [name, to] = [quoteName(database), quoteName(owner)]
  if (!found) await server.unsafe(`create database ${name} owner ${to}`)
  await server.unsafe(`revoke all on database ${name} from public`)
  if (app !== undefined) await server.unsafe(`grant connect on database ${name} to ${quoteName(app)}`)
  const inside = connect(superuser, database)
  try {
    await inside.unsafe(`alter schema public owner to ${to}; revoke all on schema public from public`)
    await inside.unsafe('create extension if not exists citext')
    // Where the first migration has defined the function in SQL already, the extension would be in its way.
    const [wanted] = await inside`
      select from pg_available_extensions
      where name = 'pg_uuidv7' and to_regprocedure('public.uuid_generate_v7()') is null`
    if (wanted) await inside.unsafe('create extension if not exists pg_uuidv7')
  } finally {
    await inside.end({ timeout: 5 })
  }
}

async function provideRole(server: postgres.Sql, superuser: string, url: string): Promise<void> {
  const role = userOf(url)
  const password = decodeURIComponent(new URL(url).password)
  if (role === userOf(superuser)) throw new OperatorError(`${role} is the superuser: the site needs roles of its own.`)
  const [found] = await server`select 1 from pg_roles where rolname = ${role}`
  const name = quoteName(role)
  if (!found) await server.unsafe(`create role ${name}`)
  await server.unsafe(
    `alter role ${name} login nosuperuser nocreatedb nocreaterole noreplication password '${scramVerifier(role, password)}'`,
  )
}

/**
 * What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677). Made here, so that the password itself stands in no
 * statement, which a server may log.
 */
function scramVerifier(role: string, password: string): string {
  // Beyond ASCII, clients disagree about normalising.
  if (!/^[\x20-\x7e]+$/.test(password)) throw new OperatorError(`The password of ${role} must be printable ASCII.`)
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256')
  const keyed = (label: string): Buffer => createHmac('sha256', salted).update(label).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`
}

function connect(superuser: string, database: string): postgres.Sql {
  return postgres(withDatabase(superuser, database), {
    max: 1,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: { application_name: 'kennwilliamson-roles' },
  })
}
