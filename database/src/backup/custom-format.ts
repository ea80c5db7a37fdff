import { spawn } from 'node:child_process'
import { OperatorError } from '../operator-error.ts'
import { POSTGRES_MAJOR } from '../migrate.ts'

/** What libpq's programs take from the environment, so that no password stands in a list of processes. */
export function libpqEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const sslmode = searchParams.get('sslmode')
  return {
    PGHOST: hostname.replace(/^\[(.*)\]$/, '$1'),
    PGPORT: port === '' ? '5432' : port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGAPPNAME: 'kennwilliamson-backup',
    PGTZ: 'UTC',
    ...(sslmode === null ? {} : { PGSSLMODE: sslmode }),
  }
}

/** pg_dump of everything in the database, as another session's snapshot sees it, into one compressed archive. */
export function dumpArguments(snapshot: string, file: string): string[] {
  return ['--format=custom', `--snapshot=${snapshot}`, '--lock-wait-timeout=60s', '--no-password', `--file=${file}`]
}

/** pg_restore of the rows alone, of what `list` names and in its order, all or nothing. */
export function restoreArguments(database: string, list: string, file: string): string[] {
  return [
    '--data-only',
    '--single-transaction',
    '--exit-on-error',
    '--no-owner',
    '--no-privileges',
    '--no-password',
    `--use-list=${list}`,
    `--dbname=${database}`,
    file,
  ]
}

/**
 * The list that pg_restore is to follow: of what an archive holds (`pg_restore --list`), the rows of these tables in this order,
 * so that every foreign key finds what it points at. Throws `OperatorError` when a table's rows are not there.
 */
export function orderArchive(list: string, tables: string[]): string {
  const entries = new Map(
    list.split('\n').flatMap((line) => {
      const table = /^\d+; \d+ \d+ TABLE DATA public (\S+) /.exec(line)?.[1]
      return table === undefined ? [] : [[table, line] as const]
    }),
  )
  return tables
    .map((table) => {
      const line = entries.get(table)
      if (line === undefined) throw new OperatorError(`the archive holds no rows of ${table}`)
      return `${line}\n`
    })
    .join('')
}

/** True when this program of PostgreSQL is at hand, in the version of the server. */
export async function hasProgram(name: 'pg_dump' | 'pg_restore'): Promise<boolean> {
  const said = await runProgram(name, ['--version'], {}).catch(() => '')
  return new RegExp(`\\) ${POSTGRES_MAJOR}[.\\s]`).test(said)
}

/**
 * Runs one of PostgreSQL's programs to its end and returns what it printed. Throws `OperatorError` with the first line of its
 * complaint, without the rows that later lines may quote.
 */
export async function runProgram(name: string, args: string[], environment: Record<string, string>): Promise<string> {
  const child = spawn(name, args, {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, complaint] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint = (complaint + chunk).slice(0, 20_000)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new OperatorError(`${name} ${POSTGRES_MAJOR} was not found on this machine`)))
    child.once('close', resolve)
  })
  if (code === 0) return output
  const line = complaint.split('\n').find((one) => /error:/.test(one)) ?? `it ended with exit code ${code}`
  throw new OperatorError(`${name} failed: ${withoutValues(line.replace(/^\S+: error: /, ''))}`)
}

/** Values stand in quotation marks behind a colon: `invalid input syntax for type uuid: "…"`. */
function withoutValues(line: string): string {
  return line.replace(/: "[^]*$/, '')
}
