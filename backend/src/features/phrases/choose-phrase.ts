import type { Sql } from '../../platform/database.ts'
import { luckOf, moodsOf, type CurrentRun } from './mood.ts'
import { drawPhrase, findPhraseByLuck } from './queries.ts'

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
 * A random phrase that a person has not hidden, each as likely as any other; null when all are hidden. Whatever the person's clock shows, it
 * must fit, so none that cheers is among them.
 */
export async function randomPhrase(sql: Sql, userId: string): Promise<string | null> {
  const drawn = await drawPhrase(sql, userId)
  if (drawn !== null) return drawn
  // Nearly all are hidden: the next one that is not, from a random place on.
  for (const mood of ['steady', 'early', 'after_reset'] as const) {
    const found = await findPhraseByLuck(sql, { userId, mood, luck: Math.random() })
    if (found !== null) return found
  }
  return null
}
