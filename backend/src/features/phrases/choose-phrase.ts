import type { Sql } from '../../platform/database.ts'
import { luckOf, moodsOf, type CurrentRun } from './mood.ts'
import { drawPhrase, findPhraseByLuck, hasFreshReset } from './queries.ts'

/**
 * The phrase over the clock of a run: one of the mood that fits and that the owner has not hidden, the same one for a whole day of the run,
 * on every page, in every stream and in every browser. Null when there is none.
 */
export async function choosePhrase(sql: Sql, ownerId: string, run: CurrentRun): Promise<string | null> {
  for (const mood of moodsOf(run)) {
    const phrase = await findPhraseByLuck(sql, { userId: ownerId, mood, luck: luckOf(run) })
    if (phrase !== null) return phrase
  }
  return null
}

/**
 * A random phrase that a person has not hidden, each that does not cheer as likely as any other; null when all are hidden. One that cheers
 * comes only where no other is left, and never within a day of a reset of their first timer, over whose clock it may stand.
 */
export async function randomPhrase(sql: Sql, userId: string): Promise<string | null> {
  const drawn = await drawPhrase(sql, userId)
  if (drawn !== null) return drawn
  // Nearly all are hidden: the next one that is not, from a random place on.
  for (const mood of ['steady', 'early', 'after_reset', 'milestone'] as const) {
    if (mood === 'milestone' && (await hasFreshReset(sql, userId))) return null
    const found = await findPhraseByLuck(sql, { userId, mood, luck: Math.random() })
    if (found !== null) return found
  }
  return null
}
