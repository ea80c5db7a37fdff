import { z } from 'zod'

/**
 * Who sees what of a timer, each level showing all that the one before it shows. `private`: nothing, as if it did not exist ·
 * `count`: title, owner's name, since when · `stats`: record and averages · `notes`: the last note · `history`: the incidents.
 */
export const SHARE_LEVELS = ['private', 'count', 'stats', 'notes', 'history'] as const

/** One of {@link SHARE_LEVELS}. */
export const ShareLevel = z.enum(SHARE_LEVELS)
export type ShareLevel = z.infer<typeof ShareLevel>
