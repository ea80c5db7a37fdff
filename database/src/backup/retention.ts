import type { Backup } from './backup-folder.ts'

/** Days that a backup is kept where nothing else is said. */
export const KEEP_DAYS = 14

/**
 * Which backups are too old to be kept: those made more than `days` days before `now`. The newest proved one always stays, and while
 * none is proved, the newest does.
 */
export function expiredBackups(backups: Pick<Backup, 'name' | 'madeAt' | 'provedAt'>[], days: number, now: Date): string[] {
  const newestFirst = backups.toSorted((one, other) => other.madeAt.getTime() - one.madeAt.getTime())
  const kept = newestFirst.find(({ provedAt }) => provedAt !== null) ?? newestFirst[0]
  const oldest = now.getTime() - days * 86_400_000
  return newestFirst.filter((one) => one !== kept && one.madeAt.getTime() < oldest).map(({ name }) => name)
}
