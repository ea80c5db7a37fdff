import { z } from 'zod'
import { text, Timestamp, TimestampInput, Uuid } from './common.ts'
import { PageQuery } from './paging.ts'
import { Notes } from './timers.ts'

/**
 * When something happened. `corrected_at`: the owner let visitors see that it was changed then; null otherwise. Its `ETag` is
 * `"<updated_at>"`.
 */
export const Incident = z.object({
  id: Uuid,
  occurred_at: Timestamp,
  notes: z.string().nullable(),
  corrected_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type Incident = z.infer<typeof Incident>

/** GET `/timers/{id}/incidents`: `q` finds incidents whose note contains it, whatever the case. */
export const IncidentQuery = PageQuery.extend({ q: text({ max: 200 }).optional() })

/** A page of a timer's incidents, newest first. */
export const IncidentList = z.object({ incidents: z.array(Incident), next_cursor: z.string().nullable() })
export type IncidentList = z.infer<typeof IncidentList>

/** POST `/timers/{id}/incidents`: a reset. Without a time it happened now; an empty note is no note. */
export const CreateIncidentRequest = z.object({ occurred_at: TimestampInput.nullish(), notes: Notes.nullish() })
export type CreateIncidentRequest = z.infer<typeof CreateIncidentRequest>

/**
 * PATCH `/timers/{id}/incidents/{incident_id}`. An absent key keeps what is there; `null` or `""` clears a note; `corrected` sets
 * the public mark to now, or takes it away.
 */
export const UpdateIncidentRequest = z.object({
  occurred_at: TimestampInput.nullish(),
  notes: Notes.nullish(),
  corrected: z.boolean().nullish(),
})
export type UpdateIncidentRequest = z.infer<typeof UpdateIncidentRequest>

/** POST `/timers/{id}/incidents/preview`: what would a reset at this time do? Without one: now. */
export const PreviewRequest = z.object({ occurred_at: TimestampInput.nullish() })

/** Whole days without an incident among the last 30, 90 and 365, today included, in the owner's calendar. */
const IncidentFreeDays = z.object({ d30: z.int(), d90: z.int(), d365: z.int() })

/**
 * The figures of a timer, in whole seconds, rounded down. The record is the longest of all runs, the current one included; null where
 * there is no such run. Days are counted from the later of the window's first day and the day counting began.
 */
export const Stats = z.object({
  current_run_seconds: z.int(),
  record_seconds: z.int().nullable(),
  record_is_current: z.boolean(),
  completed_runs: z.int(),
  average_run_seconds: z.int().nullable(),
  incident_free_days: IncidentFreeDays,
})
export type Stats = z.infer<typeof Stats>

const Day = z.string().regex(/^\d{4}-\d\d-\d\d$/)

/**
 * GET `/timers/{id}/charts`: what the pictures are drawn of. `days` are those of the last 365 in the owner's calendar that had incidents,
 * `counted_from` the first of them on which it counted; `runs` are the newest 50 completed ones, oldest first.
 */
export const Charts = z.object({
  first_day: Day,
  last_day: Day,
  counted_from: Day,
  days: z.array(z.object({ day: Day, incidents: z.int() })),
  runs: z.array(z.object({ from: Timestamp, to: Timestamp, seconds: z.int() })),
  server_time: Timestamp,
})
export type Charts = z.infer<typeof Charts>
