import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, statfsSync, statSync, symlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chown } from 'node:fs/promises'
import { newFolder } from '../testing/run-site.ts'
import { startDatabaseAndApi, type DatabaseAndApi } from './database-and-api.ts'

/** True where this process may mount a file system, as root mostly may. */
export function canMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'kw-mount-'))
  try {
    mount(folder, '1m')
    unmount(folder)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The database and the API, with the data (and not the log) on a file system of their own that can be filled. */
export interface OnSmallDisk extends DatabaseAndApi {
  /** Takes all that is left but so many bytes; with 0, to the last. */
  fill: (leave: number) => void
  /** Gives back what `fill` has taken. */
  free: () => void
}

/**
 * Starts both with the data on 128 MB. The log has its own place, as it would on a machine where only the data grows; a log
 * without room is another fault: PostgreSQL then stops and waits. The settings replace the site's own, for controls.
 */
export async function startOnSmallDisk(databaseSettings: Record<string, string> = {}): Promise<OnSmallDisk> {
  const disk = newFolder()
  const elsewhere = newFolder()
  const takeDown = (): void => {
    unmount(disk)
    for (const folder of [disk, elsewhere]) rmSync(folder, { recursive: true, force: true })
  }
  mount(disk, '128m')
  try {
    const onCluster = (dataDir: string): Promise<void> => moveLog(dataDir, path.join(elsewhere, 'pg_wal'))
    const parts = await startDatabaseAndApi({ folder: disk, databaseSettings, onCluster })
    const filler = path.join(disk, 'filler')
    return {
      ...parts,
      fill: (leave) => fill(filler, leave),
      free: () => rmSync(filler, { force: true }),
      async stop() {
        await parts.stop()
        takeDown()
      },
    }
  } catch (error) {
    takeDown()
    throw error
  }
}

async function moveLog(dataDir: string, to: string): Promise<void> {
  const from = path.join(dataDir, 'pg_wal')
  const { uid, gid } = statSync(from)
  cpSync(from, to, { recursive: true })
  for (const file of execFileSync('find', [to], { encoding: 'utf8' }).trim().split('\n')) await chown(file, uid, gid)
  rmSync(from, { recursive: true })
  symlinkSync(to, from)
}

function fill(file: string, leave: number): void {
  const handle = openSync(file, 'a')
  try {
    for (let block = 1 << 20; block >= 4096; block /= 16) {
      const { bavail, bsize } = statfsSync(file)
      for (let left = bavail * bsize - leave; left >= block; left -= block) writeSync(handle, Buffer.alloc(block))
    }
  } finally {
    closeSync(handle)
  }
}

function mount(folder: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder], { stdio: 'ignore' })
}

/** Lazily: whoever still holds a file there does not keep it mounted for ever. */
function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' })
}
