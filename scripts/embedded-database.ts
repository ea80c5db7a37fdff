import { existsSync } from 'node:fs'
import path from 'node:path'
import { EmbeddedServerError, prepareEmbeddedServer, type PreparedServer } from '@kennwilliamson/database/embedded-server'
import { StartFailure } from './failure.ts'
import { readSecret, provideSecret } from './secrets.ts'
import type { Settings } from './settings.ts'

/** Where the embedded cluster is wanted. */
export function clusterFolder(dataDir: string): string {
  return path.join(dataDir, 'postgres')
}

/** The file that remembers that this installation has data. */
export function installMarker(dataDir: string): string {
  return path.join(dataDir, 'installed.json')
}

/** True when there is a cluster, here or where a note says that it is. */
export function hasCluster(dataDir: string): boolean {
  return existsSync(clusterFolder(dataDir)) || existsSync(`${clusterFolder(dataDir)}.location`)
}

/**
 * The superuser's password, made at the first call. Absent where there is a cluster but the password is gone: a new one would not
 * open it, and without one the server says that it is lost.
 */
export function superuserPassword(dataDir: string): { password?: string } {
  const isLost =
    existsSync(path.join(clusterFolder(dataDir), 'PG_VERSION')) && !existsSync(path.join(dataDir, 'secrets/postgres-superuser'))
  return isLost ? {} : { password: readSecret(provideSecret(dataDir, 'postgres-superuser')) }
}

/** Makes the embedded server ready to be spawned. Throws `StartFailure` with one clear sentence. */
export async function prepareEmbeddedDatabase(settings: Settings, log: (line: string) => void): Promise<PreparedServer> {
  try {
    return await prepareEmbeddedServer({
      dataDir: clusterFolder(settings.DATA_DIR),
      port: settings.POSTGRES_PORT,
      durable: true,
      ...superuserPassword(settings.DATA_DIR),
      log,
    })
  } catch (error) {
    throw error instanceof EmbeddedServerError ? new StartFailure(`DATA_DIR: ${error.message}`) : error
  }
}

/**
 * What the tools in database/ take from the environment, by the names they take it by. `superuserUrl` is that of the embedded server;
 * null with a server of the operator's own, whose addresses are settings.
 */
export function databaseVariables(settings: Settings, superuserUrl: string | null): Record<string, string> {
  const about = {
    BACKUP_DIR: settings.BACKUP_DIR,
    BACKUP_KEEP: String(settings.BACKUP_KEEP),
    INSTALL_MARKER: installMarker(settings.DATA_DIR),
  }
  if (superuserUrl === null) {
    const app = settings.DATABASE_URL ?? ''
    const superuser = settings.SUPERUSER_URL === undefined ? {} : { SUPERUSER_URL: settings.SUPERUSER_URL }
    return { DATABASE_URL: app, MIGRATION_DATABASE_URL: settings.MIGRATION_DATABASE_URL ?? app, ...superuser, ...about }
  }
  const url = (role: 'owner' | 'app'): string => {
    const made = new URL(superuserUrl)
    made.pathname = '/kennwilliamson'
    made.username = `kennwilliamson_${role}`
    made.password = readSecret(provideSecret(settings.DATA_DIR, `postgres-${role}`))
    return made.href
  }
  return { SUPERUSER_URL: superuserUrl, MIGRATION_DATABASE_URL: url('owner'), DATABASE_URL: url('app'), ...about }
}
