import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../operator-error.ts'
import { computeSums, PROVED, SUMS, verifySums } from './checksums.ts'
import { dataFiles, parseManifest, type Manifest } from './manifest.ts'

/** What may stand before the time in a name, for a backup that was made before something that cannot be undone. */
export const OCCASION = /^before-[a-z]{1,20}$/

const NAME = /^(?:before-[a-z]{1,20}-)?(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z(?:-\d+)?$/
const MAKING = '.making-'
/** What is older than this in the making was left by a crash. */
const ABANDONED_AFTER = 12 * 3_600_000

/** A whole backup on the disk. */
export interface Backup {
  name: string
  folder: string
  /** The moment in its name. */
  madeAt: Date
  /** When it was last proved, as it is now; null when it never was. */
  provedAt: Date | null
}

/** The moment that the name of a backup tells, or null where it is no name of ours. */
export function momentOf(name: string): Date | null {
  const [, day, hour, minute, second] = NAME.exec(name) ?? []
  const moment = new Date(`${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`)
  return Number.isNaN(moment.getTime()) ? null : moment
}

/** The whole backups in a folder, the newest first; what we do not recognise as ours is left out. */
export async function listBackups(folder: string): Promise<Backup[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new OperatorError(`${folder} cannot be read (${code ?? 'unknown reason'})`)
  })
  const found: Backup[] = []
  for (const name of names) {
    const [madeAt, place] = [momentOf(name), path.join(folder, name)]
    const entries = madeAt === null ? [] : await readdir(place).catch(() => [])
    if (madeAt === null || !entries.includes(SUMS) || !entries.includes('manifest.json')) continue
    found.push({ name, folder: place, madeAt, provedAt: await findProof(place) })
  }
  return found.sort((one, other) => other.madeAt.getTime() - one.madeAt.getTime() || (one.name < other.name ? 1 : -1))
}

/** The backup of this name, or the newest of those made by the clock for `latest`. Throws `OperatorError` when there is none. */
export async function getBackup(folder: string, name: string): Promise<Backup> {
  const found = await listBackups(folder)
  const backup = found.find((one) => (name === 'latest' ? /^\d/.test(one.name) : one.name === name))
  if (backup !== undefined) return backup
  throw new OperatorError(
    name === 'latest' ? `There is no backup in ${folder}.` : `There is no backup ${name} in ${folder}: "list" names them all.`,
  )
}

/** Checks that a backup is what was written, and reads its manifest. Throws `OperatorError` for the least difference. */
export async function verifyBackup(backup: Backup): Promise<Manifest> {
  try {
    await verifySums(backup.folder)
    const manifest = await readManifest(backup)
    const [found, wanted] = [await readdir(backup.folder), [...dataFiles(manifest), 'manifest.json', SUMS]]
    const missing = wanted.filter((name) => !found.includes(name))
    const unknown = found.filter((name) => !wanted.includes(name) && name !== PROVED)
    if (missing.length > 0) throw new OperatorError(`${missing.join(', ')} missing`)
    if (unknown.length > 0) throw new OperatorError(`${unknown.join(', ')} is no part of a backup`)
    return manifest
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    throw new OperatorError(`The backup ${backup.name} is damaged and was not touched further: ${error.message}.`)
  }
}

/** The manifest, not verified: for showing it. */
export async function readManifest({ folder }: Backup): Promise<Manifest> {
  return parseManifest(await readFile(path.join(folder, 'manifest.json'), 'utf8'))
}

/**
 * Lets `fill` write into a new folder and makes a backup of it: sums, everything forced to disk, and only then its name. When
 * anything fails, nothing is left. Returns the backup's name and what `fill` answered.
 */
export async function makeBackup<Result>(
  folder: string,
  occasion: string | undefined,
  fill: (making: string, moment: Date) => Promise<Result>,
): Promise<{ name: string; result: Result }> {
  const moment = new Date()
  const wanted = `${occasion === undefined ? '' : `${occasion}-`}${moment.toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  const making = path.join(folder, `${MAKING}${wanted}-${randomBytes(4).toString('hex')}`)
  try {
    await provideFolder(folder)
    await removeAbandoned(folder)
    await mkdir(making, { mode: 0o700 })
    const result = await fill(making, moment)
    await writeForced(path.join(making, SUMS), await computeSums(making))
    await forceToDisk(making)
    const name = await renameToFree(making, folder, wanted)
    await forceToDisk(folder)
    return { name, result }
  } catch (error) {
    await rm(making, { recursive: true, force: true }).catch(() => undefined)
    throw explainDisk(error, folder)
  }
}

/** Writes a file that must be there after a power cut, readable by its owner alone. */
export async function writeForced(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600, flag: 'wx', flush: true })
}

/** Forces a file, or the names in a folder, to disk. */
export async function forceToDisk(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Notes beside a backup that it was proved, as it is now. */
export async function noteProof({ folder }: Backup, provedAt: Date): Promise<void> {
  const making = path.join(path.dirname(folder), `${MAKING}proof-${randomBytes(4).toString('hex')}`)
  await writeForced(making, `${JSON.stringify({ proved_at: provedAt.toISOString(), sums: await digestSums(folder) })}\n`)
  await rename(making, path.join(folder, PROVED))
}

async function findProof(folder: string): Promise<Date | null> {
  try {
    const note = JSON.parse(await readFile(path.join(folder, PROVED), 'utf8')) as { proved_at?: string; sums?: string }
    return note.sums === (await digestSums(folder)) ? new Date(note.proved_at ?? '') : null
  } catch {
    return null
  }
}

async function digestSums(folder: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path.join(folder, SUMS)))
    .digest('hex')
}

/** Only the last folder is made: a missing one above it is rather a disk that is not mounted. */
async function provideFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(MAKING)) continue
    const found = await stat(path.join(folder, name)).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER) await rm(path.join(folder, name), { recursive: true })
  }
}

/** A folder that has files is never replaced by a rename, so of two in one second the other gets a number. */
async function renameToFree(making: string, folder: string, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    try {
      await rename(making, path.join(folder, name))
      return name
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') || number > 100) throw error
    }
  }
}

function explainDisk(error: unknown, folder: string): unknown {
  const reasons: Record<string, string> = {
    EACCES: 'is not writable for this user',
    EPERM: 'is not writable for this user',
    EROFS: 'is on a read-only disk',
    ENOSPC: 'is on a full disk',
    EDQUOT: 'is on a disk whose quota is used up',
    EFBIG: 'is on a disk that takes no file of this size',
    ENOENT: 'cannot be made: the folder above it does not exist',
    ENOTDIR: 'is not a folder',
  }
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? error : new OperatorError(`BACKUP_DIR: ${folder} ${reason}; nothing was kept of this backup.`)
}
