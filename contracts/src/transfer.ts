import { z } from 'zod'
import { Timestamp } from './common.ts'

/** GET `/timers/{id}/export`. */
export const ExportQuery = z.object({ format: z.enum(['csv', 'json']) })

/** POST `/timers/{id}/import`. With `dry_run=true` nothing is saved, and the answer says what would be. */
export const ImportQuery = z.object({ dry_run: z.enum(['true', 'false']).optional() })

/** Refused lines that are named one by one; `refused_count` counts them all. */
export const MAX_REFUSED_SHOWN = 1000

/**
 * What came of an import. Lines count from 1, in a JSON file its entries do. `duplicates` were there already. `started_at` is since
 * when the timer counts afterwards: as far back as the file says, if that lies before.
 */
export const ImportOutcome = z.object({
  added: z.int(),
  duplicates: z.int(),
  refused: z.array(z.object({ line: z.int(), reason: z.string() })).max(MAX_REFUSED_SHOWN),
  refused_count: z.int(),
  started_at: Timestamp,
})
export type ImportOutcome = z.infer<typeof ImportOutcome>

/** An incident as a file has it. */
const TransferredIncident = z.object({
  occurred_at: Timestamp,
  notes: z.string().nullable(),
  corrected_at: Timestamp.nullable(),
})

/** The JSON file of a timer: its incidents, oldest first. `format` grows when something in here changes its meaning. */
export const TimerFile = z.object({
  format: z.literal(1),
  exported_at: Timestamp,
  timer: z.object({ title: z.string(), slug: z.string(), started_at: Timestamp }),
  incidents: z.array(TransferredIncident),
})
export type TimerFile = z.infer<typeof TimerFile>
