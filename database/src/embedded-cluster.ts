import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedServerError, exists, type Identity } from './embedded-binaries.ts'

const run = promisify(execFile)
const MAJOR = '17'

/** The name of the superuser of every embedded cluster. */
export const SUPERUSER = 'postgres'

/** What the folder holds. Throws `EmbeddedServerError` when it is not ours to run: another major, another owner, other files. */
export async function inspectCluster(dataDir: string, identity: Identity | null): Promise<'empty' | 'cluster'> {
  let names: string[]
  try {
    names = await readdir(dataDir)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return 'empty'
    throw new EmbeddedServerError(`the data folder of PostgreSQL cannot be read: ${message}`)
  }
  if (names.length === 0) return 'empty'
  if (!names.includes('PG_VERSION')) throw new EmbeddedServerError(`${dataDir} is not empty, but holds no PostgreSQL data`)
  const major = (await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8')).trim()
  if (major !== MAJOR) {
    throw new EmbeddedServerError(
      `${dataDir} holds data of PostgreSQL ${major}, and this site runs PostgreSQL ${MAJOR}: export it with its own version first`,
    )
  }
  const { uid } = await stat(dataDir)
  const ours = identity?.uid ?? process.getuid?.()
  if (uid !== ours)
    throw new EmbeddedServerError(
      `${dataDir} belongs to user ${uid}, and PostgreSQL would run as user ${ours}: chown -R ${ours} ${dataDir}`,
    )
  return 'cluster'
}

interface NewCluster {
  folder: string
  dataDir: string
  password: string
  durable: boolean
  identity: Identity | null
}

/** Creates the cluster beside its place and renames it when it is whole: an interrupted start leaves nothing that looks like data. */
export async function createCluster({ folder, dataDir, password, durable, identity }: NewCluster): Promise<void> {
  const secret = await mkdtemp(path.join(tmpdir(), 'kw-initdb-'))
  let making = ''
  try {
    await mkdir(path.dirname(dataDir), { recursive: true })
    making = await mkdtemp(`${dataDir}.making-`)
    const passwordFile = path.join(secret, 'password')
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    if (identity !== null) for (const file of [making, secret, passwordFile]) await chown(file, identity.uid, identity.gid)
    const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=und']
    const access = ['--auth=scram-sha-256', `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`]
    const args = ['-D', making, ...locale, ...access, '-k', '--no-instructions', ...(durable ? [] : ['--no-sync'])]
    await run(path.join(folder, 'bin/initdb'), args, { env: serverEnvironment(), cwd: '/', ...identity })
    if (await exists(dataDir)) await rm(dataDir, { recursive: true })
    await rename(making, dataDir)
  } catch (error) {
    if (making !== '') await rm(making, { recursive: true, force: true })
    const words = (error as { stderr?: string }).stderr?.trim() ?? ''
    throw new EmbeddedServerError(`cannot create the database in ${dataDir}: ${words === '' ? (error as Error).message : words}`)
  } finally {
    await rm(secret, { recursive: true, force: true })
  }
}

/** A clean environment: a stray PGDATA, PGPORT or LC_ALL of the person who starts us must not reach the server. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: '/' }
}
