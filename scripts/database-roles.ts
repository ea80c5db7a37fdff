import postgres from 'postgres'

/**
 * `node scripts/database-roles.ts`: in the embedded server, makes the database and its two roles, or sets their passwords
 * anew: the owner, who migrates, and the application's, which may not change the schema. Safe to run at every start.
 */
const { SUPERUSER_URL = '', OWNER_PASSWORD = '', APP_PASSWORD = '' } = process.env
const DATABASE = 'kennwilliamson'
const OWNER = 'kennwilliamson_owner'
const APP = 'kennwilliamson_app'

const connect = (database: string): postgres.Sql => {
  const url = new URL(SUPERUSER_URL)
  url.pathname = `/${database}`
  return postgres(url.href, { max: 1, onnotice: () => undefined })
}

async function provideRole(sql: postgres.Sql, role: string, password: string): Promise<void> {
  // A password cannot be a parameter here; ours are base64url, and anything else stops.
  if (!/^[\w-]{32,}$/.test(password)) throw new Error(`the password of ${role} is not one of ours`)
  const [found] = await sql`select 1 from pg_roles where rolname = ${role}`
  await sql.unsafe(`${found ? 'alter' : 'create'} role ${role} login nosuperuser nocreatedb nocreaterole password '${password}'`)
}

async function provideDatabase(): Promise<void> {
  const server = connect('postgres')
  await provideRole(server, OWNER, OWNER_PASSWORD)
  await provideRole(server, APP, APP_PASSWORD)
  const [found] = await server`select 1 from pg_database where datname = ${DATABASE}`
  if (!found) await server.unsafe(`create database ${DATABASE} owner ${OWNER}`)
  await server.unsafe(`revoke all on database ${DATABASE} from public; grant connect on database ${DATABASE} to ${APP}`)
  await server.end()

  const database = connect(DATABASE)
  await database.unsafe(`alter schema public owner to ${OWNER}; revoke all on schema public from public`)
  await database.end()
}

try {
  await provideDatabase()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
