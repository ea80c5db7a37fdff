import { z } from 'zod'
import { text, Timestamp, Uuid } from './common.ts'

/**
 * When a phrase fits: in the first days of a run, at any time, on the day of a round number, or within a day of a reset. A closed list.
 */
export const MOODS = ['early', 'steady', 'milestone', 'after_reset'] as const
export const Mood = z.enum(MOODS)
export type Mood = z.infer<typeof Mood>

/** A phrase as somebody writes it: 5 to 200 characters after trimming, in one line, two words at least. */
export const PhraseText = text({ max: 1000 })
  .overwrite((phrase) => phrase.trim().replaceAll(/\s+/g, ' ').normalize('NFC'))
  .refine((phrase) => Array.from(phrase).length >= 5, 'must have at least 5 characters')
  .refine((phrase) => Array.from(phrase).length <= 200, 'must have at most 200 characters')
  .refine((phrase) => phrase.includes(' '), 'must have two words at least')

/** A phrase. `created_by` is null for those that came with the site, and where that account is gone. */
export const Phrase = z.object({
  id: Uuid,
  phrase_text: z.string(),
  active: z.boolean(),
  created_by: Uuid.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type Phrase = z.infer<typeof Phrase>

/** What lists of the core take: rows, 1 to 100, and how many to leave out before, in plain digits. */
export const OffsetQuery = z.object({
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .optional(),
  offset: z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number from 0 to 999999')
    .transform(Number)
    .optional(),
})

/** GET `/phrases`: active and not hidden by the caller, newest first; `total` counts all of these. */
export const PhraseList = z.object({ phrases: z.array(Phrase), total: z.int() })

/** GET `/phrases/user`: active ones, the newest 1,000; `total` counts all. */
export const UserPhraseList = z.object({ phrases: z.array(Phrase.extend({ is_excluded: z.boolean() })), total: z.int() })
export type UserPhraseList = z.infer<typeof UserPhraseList>

/** A phrase that the caller does not want to see. */
export const ExcludedPhrase = z.object({ id: Uuid, phrase_id: Uuid, phrase_text: z.string(), excluded_at: Timestamp })
export type ExcludedPhrase = z.infer<typeof ExcludedPhrase>

/** GET `/phrases/excluded`: the newest 1,000; `total` counts all. */
export const ExcludedPhraseList = z.object({ excluded_phrases: z.array(ExcludedPhrase), total: z.int() })

/** What became of a suggestion. */
export const SuggestionStatus = z.enum(['pending', 'approved', 'rejected'])

/** A phrase that somebody suggested, and what an administrator made of it. */
export const Suggestion = z.object({
  id: Uuid,
  phrase_text: z.string(),
  status: SuggestionStatus,
  admin_reason: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type Suggestion = z.infer<typeof Suggestion>

/** GET `/phrases/suggestions`, newest first, and GET `/admin/suggestions`, oldest first: 1,000 at most; `total` counts all. */
export const SuggestionList = z.object({ suggestions: z.array(Suggestion), total: z.int() })

/** Suggestions that a person may have waiting for a decision. */
export const MAX_PENDING_SUGGESTIONS = 20

/** POST `/phrases/suggestions`. */
export const CreateSuggestionRequest = z.object({ phrase_text: PhraseText })

/** The answer to it. */
export const NewSuggestion = Suggestion.extend({ user_id: Uuid, admin_id: Uuid.nullable() })
export type NewSuggestion = z.infer<typeof NewSuggestion>

/** A phrase as administrators see it. */
export const AdminPhrase = Phrase.extend({ mood: Mood })
export type AdminPhrase = z.infer<typeof AdminPhrase>

/** GET `/admin/phrases`: newest first; `q` is looked for as beginnings of words. */
export const AdminPhraseQuery = OffsetQuery.extend({
  include_inactive: z.enum(['true', 'false']).optional(),
  q: text({ max: 100 }).optional(),
})

/** The answer to it; `total` counts all. */
export const AdminPhraseList = z.object({ phrases: z.array(AdminPhrase), total: z.int() })

/** POST `/admin/phrases`: active and steady, unless it says otherwise. */
export const CreatePhraseRequest = z.object({ phrase_text: PhraseText, active: z.boolean().nullish(), mood: Mood.nullish() })
export type CreatePhraseRequest = z.infer<typeof CreatePhraseRequest>

/** PUT `/admin/phrases/{id}`: what is absent or null stays. */
export const UpdatePhraseRequest = CreatePhraseRequest.partial().extend({ phrase_text: PhraseText.nullish() })
export type UpdatePhraseRequest = z.infer<typeof UpdatePhraseRequest>

/** POST `/admin/suggestions/{id}/approve` and `/reject`: why, for the one who suggested it, 500 characters at most. */
export const DecisionRequest = z.object({ admin_reason: text({ max: 500, characters: 'lines' }).nullish() })
