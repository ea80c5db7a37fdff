import { z } from 'zod'
import { Timestamp } from './common.ts'
import { SHARE_LEVELS } from './share-levels.ts'
import { TimerEntry } from './timers.ts'

/** GET `/{user_slug}/incident-timer`: the newest incident of somebody's default timer. `notes` is null below share level `notes`. */
export const PublicEntry = TimerEntry.extend({ user_display_name: z.string() })
export type PublicEntry = z.infer<typeof PublicEntry>

/**
 * GET `/shared/{user_slug}/{timer_slug}`: what a visitor may see of a timer. `since` is the newest incident, or when counting
 * began; `time_zone` is the owner's, in which the calendar parts are counted; `revision` grows with every visible change;
 * `server_time` lets a browser with a wrong clock show the right count.
 */
export const SharedView = z.object({
  title: z.string(),
  user_display_name: z.string(),
  since: Timestamp,
  time_zone: z.string(),
  phrase: z.string().nullable(),
  share_level: z.enum(SHARE_LEVELS).exclude(['private']),
  revision: z.int().nonnegative(),
  server_time: Timestamp,
})
export type SharedView = z.infer<typeof SharedView>
