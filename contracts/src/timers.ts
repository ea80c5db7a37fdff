import { z } from 'zod'
import { Slug, text, Timestamp, TimestampInput, Uuid } from './common.ts'
import { ShareLevel } from './share-levels.ts'

/** A note to an incident: up to 2,000 characters, line breaks allowed. */
export const Notes = text({ max: 2000, characters: 'lines' })

/**
 * A counter. `current` is the run that is going on: since the newest incident, or since `started_at` while there is none. `is_listed`: its
 * owner wants its page found through search engines, once it is public.
 */
export const Timer = z.object({
  id: Uuid,
  slug: z.string(),
  is_default: z.boolean(),
  title: z.string(),
  started_at: Timestamp,
  share_level: ShareLevel,
  is_listed: z.boolean(),
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

/** Timers a user may have, archived ones included. */
export const MAX_TIMERS = 50

/** Incidents a timer may have, those undone not counted. */
export const MAX_INCIDENTS = 100_000

/** What a timer is called: 1 to 100 characters after trimming. */
export const TimerTitle = text({ min: 1, max: 100 })
  .overwrite((title) => title.trim().normalize('NFC'))
  // only now: it may have been nothing but space, and there are letters that NFC writes with more characters
  .refine((title) => title !== '', 'must not be empty')
  .refine((title) => Array.from(title).length <= 100, 'must have at most 100 characters')

/** The last part of a timer's address: a slug of at most 60 characters. */
export const TimerSlug = Slug.refine((slug) => Array.from(slug).length <= 60, 'must have at most 60 characters')

/** POST `/timers`. Counts from now, stands last, is private; the address is made of the title, unless they say otherwise. */
export const CreateTimerRequest = z.object({
  title: TimerTitle,
  started_at: TimestampInput.nullish(),
  slug: TimerSlug.nullish(),
  share_level: ShareLevel.nullish(),
})
export type CreateTimerRequest = z.infer<typeof CreateTimerRequest>

/**
 * PATCH `/timers/{id}`. An absent or null key keeps what is there. `position` is the place among the user's timers, from 0; the others
 * move aside. The address of the default timer is fixed.
 */
export const UpdateTimerRequest = z.object({
  title: TimerTitle.nullish(),
  started_at: TimestampInput.nullish(),
  slug: TimerSlug.nullish(),
  share_level: ShareLevel.nullish(),
  is_listed: z.boolean().nullish(),
  position: z
    .int()
    .min(0)
    .max(MAX_TIMERS - 1)
    .nullish(),
  archived: z.boolean().nullish(),
})
export type UpdateTimerRequest = z.infer<typeof UpdateTimerRequest>

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
