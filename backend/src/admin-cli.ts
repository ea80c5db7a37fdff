import { parseArgs } from 'node:util'
import { ConfigError, readCommandConfig } from './config.ts'
import { appointAdministrator } from './features/recovery/first-administrator.ts'
import { findAccountByEmail } from './features/recovery/queries.ts'
import { makeResetLink } from './features/recovery/reset-links.ts'
import { classifyDatabaseError } from './platform/database-errors.ts'
import { openDatabase, type Database } from './platform/database.ts'

/**
 * `node backend/src/admin-cli.ts`: what whoever runs the machine can do for an account, on the database of DATABASE_URL. Exit 1 with
 * one line when it refuses.
 */
const HELP = `node backend/src/admin-cli.ts reset-link <email>   a link with which the holder sets a new password, once, within 24 hours
node backend/src/admin-cli.ts make-admin <email>   makes an account an administrator

  DATABASE_URL   the database, as the application's role; or a file with it, named by DATABASE_URL_FILE
  SITE_URL       what the link begins with`

/** Refusals that are for the person at the terminal, in one line. */
class Refusal extends Error {}

async function makeLink(sql: Database, siteUrl: string, email: string): Promise<string> {
  return await sql.begin(async (sql) => {
    const account = await findAccountByEmail(sql, email)
    if (!account) throw nobody(email)
    if (!account.active) throw new Refusal(`the account of ${email} is deactivated: an administrator can activate it first`)
    const { url, expires_at } = await makeResetLink(sql, { userId: account.id, actorId: null, siteUrl })
    return `${url}\ngood once, until ${expires_at}; a link made before is void`
  })
}

async function makeAdministrator(sql: Database, email: string): Promise<string> {
  const appointed = await appointAdministrator(sql, email, { onlyFirst: false })
  if (appointed.outcome === 'no-account') throw nobody(email)
  return appointed.outcome === 'is-one' ? `${email} is an administrator already` : `${email} is an administrator now`
}

function nobody(email: string): Refusal {
  return new Refusal(`no active account has the address ${email}`)
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } })
  const [command, email, ...more] = positionals
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return
  }
  if (!['reset-link', 'make-admin'].includes(command ?? '') || email === undefined || more.length > 0)
    throw new Refusal('say reset-link <email> or make-admin <email> (--help says more)')
  const { databaseUrl, siteUrl } = readCommandConfig()
  const sql = openDatabase(databaseUrl, { max: 1 })
  try {
    const said = command === 'reset-link' ? await makeLink(sql, siteUrl, email) : await makeAdministrator(sql, email)
    process.stdout.write(`${said}\n`)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function describe(error: unknown): string {
  if (error instanceof Refusal) return error.message
  if (error instanceof ConfigError) return error.problems.join('\n')
  if (error instanceof TypeError && 'code' in error) return `${error.message} (--help says more)`
  const failure = classifyDatabaseError(error)
  if (failure === 'unavailable') return 'the database does not answer'
  return `the command failed: ${error instanceof Error ? error.message : String(error)}`
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exitCode = 1
}
