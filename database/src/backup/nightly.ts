import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { describeError } from '../operator-error.ts'
import { listBackups } from './backup-folder.ts'
import type { Format } from './manifest.ts'
import { proveBackup } from './restore.ts'
import { expiredBackups } from './retention.ts'
import type { ScratchOptions } from './scratch-database.ts'
import { takeBackup } from './take-backup.ts'

export interface NightlyOptions extends ScratchOptions {
  folder: string
  keepDays: number
  format?: Format
}

/**
 * What is done every night: a backup, the proof that it restores, and the removal of those that are too old. Each is tried whatever
 * became of the one before, except that nothing is proved when nothing was made. Calls `say` with a line for each and resolves to
 * false when any failed.
 */
export async function runNightly(options: NightlyOptions, say: (line: string) => void): Promise<boolean> {
  let isWell = true
  const attempt = async <Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work()
    } catch (error) {
      isWell = false
      say(`${what} FAILED: ${describeError(error)}`)
      return undefined
    }
  }
  const taken = await attempt('backup', () => takeBackup(options))
  if (taken !== undefined) {
    say(`backup ${taken.name} made (${seconds(taken.milliseconds)})`)
    const proved = await attempt('proof', () => proveBackup({ ...options, name: taken.name }))
    if (proved !== undefined) say(`backup ${proved.name} proved: it restores (${seconds(proved.milliseconds)})`)
  }
  await attempt('removal of old backups', async () => {
    const backups = await listBackups(options.folder)
    for (const name of expiredBackups(backups, options.keepDays, new Date())) {
      await removeBackup(options.folder, name)
      say(`backup ${name} removed: older than ${options.keepDays} days`)
    }
  })
  return isWell
}

/** Out of sight first, so that an interrupted removal leaves nothing that looks like a backup. */
async function removeBackup(folder: string, name: string): Promise<void> {
  const aside = path.join(folder, `.making-removed-${name}`)
  await rename(path.join(folder, name), aside)
  await rm(aside, { recursive: true })
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
