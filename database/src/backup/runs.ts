import { inSession } from './sessions.ts'

/** What became of a backup, or of the proof of one. */
export interface Run {
  kind: 'backup' | 'proof'
  succeeded: boolean
  /** Of the backup; absent when it failed before there was one. */
  name?: string
  bytes?: number
  milliseconds: number
  /** One sentence for the operator, never a value of a row. */
  detail?: string
}

/**
 * Notes a run in the table `backup_runs`, which the metrics read. Resolves false where that cannot be: the database does not answer,
 * or its schema is older than the table. What the run itself did is not changed by that.
 */
export async function recordRun(ownerUrl: string, run: Run): Promise<boolean> {
  try {
    await inSession(
      ownerUrl,
      (sql) => sql`
        insert into backup_runs (kind, succeeded, backup_name, bytes, duration_ms, detail)
        values (
          ${run.kind}, ${run.succeeded}, ${run.name ?? null}, ${run.bytes ?? null}, ${Math.round(run.milliseconds)},
          ${run.detail === undefined ? null : run.detail.slice(0, 1000)}
        )
      `,
    )
    return true
  } catch {
    return false
  }
}
