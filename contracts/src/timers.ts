import { z } from 'zod'
import { text, Timestamp, TimestampInput, Uuid } from './common.ts'
import { ShareLevel } from './share-levels.ts'

/** A note to an incident: up to 2,000 characters, line breaks allowed. */
export const Notes = text({ max: 2000, characters: 'lines' })

/** A counter. `current` is the run that is going on: since the newest incident, or since `started_at` while there is none. */
export const Timer = z.object({
  id: Uuid,
  slug: z.string(),
  is_default: z.boolean(),
  title: z.string(),
  started_at: Timestamp,
  share_level: ShareLevel,
  position: z.int(),
  archived_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  current: z.object({ incident_id: Uuid.nullable(), since: Timestamp }),
})
export type Timer = z.infer<typeof Timer>

/** GET `/timers`. The owner's zone and the server's clock come along, because every running clock needs both. */
export const TimerList = z.object({ timers: z.array(Timer), time_zone: z.string(), server_time: Timestamp })
export type TimerList = z.infer<typeof TimerList>

/** An incident of the default timer, in the words of the core. */
export const TimerEntry = z.object({
  id: Uuid,
  reset_timestamp: Timestamp,
  notes: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type TimerEntry = z.infer<typeof TimerEntry>

/** GET `/incident-timers`: newest first, the newest 1,000. */
export const TimerEntryList = z.array(TimerEntry)

/** POST `/incident-timers`. Without a time it happened now; an empty note is no note. */
export const CreateTimerEntryRequest = z.object({
  reset_timestamp: TimestampInput.nullish(),
  notes: Notes.nullish(),
})
export type CreateTimerEntryRequest = z.infer<typeof CreateTimerEntryRequest>

/** PUT `/incident-timers/{id}`. An absent key keeps what is there; `null` or `""` clears a note. */
export const UpdateTimerEntryRequest = z.object({
  reset_timestamp: TimestampInput.nullish(),
  notes: Notes.nullish(),
})
export type UpdateTimerEntryRequest = z.infer<typeof UpdateTimerEntryRequest>
