import type { Mood } from '@kennwilliamson/contracts/moods'
import { ApiError } from '../../http/api-error.ts'
import type { Database } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { insertPhrase } from '../phrases/queries.ts'
import { decideSuggestion, hasSuggestion, setPhraseOf } from './queries.ts'

/** An administrator's decision on a suggestion, with what they say to the one who made it. */
interface Decision {
  suggestionId: string
  status: 'approved' | 'rejected'
  adminId: string
  reason: string | null
  /** Of the phrase that it becomes. */
  mood: Mood
}

/**
 * Decides a suggestion, once: of many who do it at the same moment one does. An approved one is a phrase in the same transaction, and its
 * author the one who suggested it.
 *
 * @throws {ApiError} SUGGESTION_NOT_FOUND, ALREADY_DECIDED.
 */
export async function moderate(sql: Database, { suggestionId, mood, ...decision }: Decision): Promise<void> {
  await sql.begin(async (sql) => {
    const decided = await decideSuggestion(sql, suggestionId, decision)
    if (!decided) {
      throw new ApiError((await hasSuggestion(sql, suggestionId, null)) ? 'ALREADY_DECIDED' : 'SUGGESTION_NOT_FOUND')
    }
    await insertAuditEvent(sql, {
      action: `suggestion_${decision.status}`,
      actorId: decision.adminId,
      subjectId: decided.user_id,
      targetId: suggestionId,
    })
    if (decision.status === 'rejected') return
    const phrase = await insertPhrase(sql, decided.user_id, { phrase_text: decided.phrase_text, mood })
    await setPhraseOf(sql, suggestionId, phrase.id)
  })
}
