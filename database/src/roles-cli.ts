import { readDatabaseUrls } from './environment.ts'
import { describeError } from './operator-error.ts'
import { provideRoles } from './roles.ts'

/**
 * `node database/src/roles-cli.ts`: makes the database and its two roles, or sets their passwords anew. SUPERUSER_URL says with
 * whose rights; MIGRATION_DATABASE_URL and DATABASE_URL say which (each also as `<NAME>_FILE`). Exit 1 with one line when it cannot.
 */
const HELP = `node database/src/roles-cli.ts: makes the database and its two roles, or sets their passwords anew

  SUPERUSER_URL            with whose rights
  MIGRATION_DATABASE_URL   the owner's name and password, and the name of the database
  DATABASE_URL             the application's name and password

Each may stand in a file instead, named by <NAME>_FILE. Safe to run at every start.`

if (process.argv.slice(2).some((argument) => ['--help', '-h'].includes(argument))) process.stdout.write(`${HELP}\n`)
else {
  try {
    await provideRoles(readDatabaseUrls(process.env))
    process.stdout.write('the database and its roles are there\n')
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  }
}
