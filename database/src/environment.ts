import { readFileSync } from 'node:fs'
import { OperatorError } from './operator-error.ts'

/** An environment as a process has it. */
export type Environment = Record<string, string | undefined>

/** The addresses that the tools of this folder work with. */
export interface DatabaseUrls {
  /** MIGRATION_DATABASE_URL, else DATABASE_URL: the role that owns the schema. */
  owner: string
  /** DATABASE_URL: the application's role. Absent where it is not given. */
  app: string | undefined
  /** SUPERUSER_URL: makes roles and databases. Absent where it is not given. */
  superuser: string | undefined
}

/**
 * The value of a setting, or of the file that `<name>_FILE` names, without the line break at its end; an empty one counts as
 * absent. Throws `OperatorError` when both are set or the file cannot be read.
 */
export function readSetting(environment: Environment, name: string): string | undefined {
  const value = environment[name] === '' ? undefined : environment[name]
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') return value
  if (value !== undefined) throw new OperatorError(`${name} is set, and ${name}_FILE too: which one is meant?`)
  let read: string
  try {
    read = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new OperatorError(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`)
  }
  if (read === '') throw new OperatorError(`${name}_FILE: ${file} is empty`)
  return read
}

/** Reads the addresses, each from `<NAME>` or `<NAME>_FILE`. Throws `OperatorError`, without showing any of them. */
export function readDatabaseUrls(environment: Environment): DatabaseUrls {
  const [app, owner, superuser] = ['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'SUPERUSER_URL'].map((name) => {
    const url = readSetting(environment, name)
    if (url !== undefined && !/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new OperatorError(`${name} must look like postgres://user:password@host:5432/name`)
    return url
  })
  const found = owner ?? app
  if (found === undefined) throw new OperatorError('MIGRATION_DATABASE_URL or DATABASE_URL must be set.')
  return { owner: found, app, superuser }
}

/** The user that signs in at an address. */
export function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username)
}

/** The database that an address leads to. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

/** The application's role, where it is not the owner's own. */
export function appRoleOf({ owner, app }: DatabaseUrls): string | undefined {
  return app === undefined || userOf(app) === userOf(owner) ? undefined : userOf(app)
}

/** An identifier as SQL takes it, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
