import { z } from 'zod'
import { text, Timestamp } from './common.ts'
import { Stats } from './incidents.ts'
import { Cursor } from './paging.ts'
import { SHARE_LEVELS } from './share-levels.ts'
import { TimerEntry } from './timers.ts'

/** GET `/{user_slug}/incident-timer`: the newest incident of somebody's default timer. `notes` is null below share level `notes`. */
export const PublicEntry = TimerEntry.extend({ user_display_name: z.string() })
export type PublicEntry = z.infer<typeof PublicEntry>

/** An incident as visitors see it, without an id. `corrected_at`: it was changed then, and the owner says so. */
export const SharedIncident = z.object({
  occurred_at: Timestamp,
  notes: z.string().nullable(),
  corrected_at: Timestamp.nullable(),
})
export type SharedIncident = z.infer<typeof SharedIncident>

/** A level at which something is seen. */
const VisibleLevel = z.enum(SHARE_LEVELS).exclude(['private'])

const core = {
  title: z.string(),
  user_display_name: z.string(),
  since: Timestamp,
  before_first: z.boolean(),
  time_zone: z.string(),
  phrase: z.string().nullable(),
  share_level: VisibleLevel,
  is_listed: z.boolean(),
  revision: z.int().nonnegative(),
  server_time: Timestamp,
}
const fromStats = { stats: Stats.optional() }
const fromNotes = { note: z.string().nullable().optional(), corrected_at: Timestamp.nullable().optional() }

/**
 * GET `/shared/{user_slug}/{timer_slug}`: what a visitor may see of a timer. `since` is the newest incident, or when counting
 * began (`before_first`); `time_zone` is the owner's, in which the calendar parts are counted; `revision` grows with every visible
 * change; `server_time` lets a browser with a wrong clock show the right count. `is_listed`: search engines may list the page; never by a
 * secret link. From level `stats` on with `stats`, from `notes` on
 * with the newest incident's `note` and `corrected_at`, at `history` with the newest 50 `incidents` and a `next_cursor`; a key that the level
 * does not allow is absent.
 */
export const SharedView = z.object({
  ...core,
  ...fromStats,
  ...fromNotes,
  incidents: z.array(SharedIncident).optional(),
  next_cursor: z.string().nullable().optional(),
})
export type SharedView = z.infer<typeof SharedView>

/** GET `/shared/{user_slug}/{timer_slug}/incidents`: a further page, at level `history` only. */
export const SharedIncidentList = z.object({ incidents: z.array(SharedIncident), next_cursor: z.string().nullable() })
export type SharedIncidentList = z.infer<typeof SharedIncidentList>

/** Where the next page of listed timers begins. */
export const ListedTimersQuery = z.object({ cursor: Cursor.optional() })

/**
 * GET `/shared`: public timers whose owners want them found, in an order that tells nothing of them, 1,000 at a time. `since` as in the
 * shared view.
 */
export const ListedTimers = z.object({
  timers: z.array(z.object({ user_slug: z.string(), timer_slug: z.string(), since: Timestamp })),
  next_cursor: z.string().nullable(),
})
export type ListedTimers = z.infer<typeof ListedTimers>

/** What the event stream carries, as `snapshot` and as `change`: the view without its list. */
export const SharedEvent = z.object({ ...core, ...fromStats, ...fromNotes })
export type SharedEvent = z.infer<typeof SharedEvent>

/** GET `/timers/{id}/view`: the shared view as a visitor would see it at this level, of a timer of any level. */
export const OwnViewQuery = z.object({ share_level: VisibleLevel })

/** The colours a badge knows by name. */
export const BADGE_COLORS = ['brass', 'blue', 'green', 'red', 'grey'] as const

/** GET `…/badge.svg`: another label than the title, and another colour than brass: by name, or three or six hexadecimal digits. */
export const BadgeQuery = z.object({
  label: text({ min: 1, max: 100 }).optional(),
  color: z
    .union([z.enum(BADGE_COLORS), z.string().regex(/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, 'must be hexadecimal, as in 3a6ea5')])
    .optional(),
})
