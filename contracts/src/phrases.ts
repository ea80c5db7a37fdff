import { z } from 'zod'
import { text, Timestamp, Uuid } from './common.ts'
import { MOODS } from './moods.ts'
import { CORE_LIST_LIMIT, PageQuery } from './paging.ts'

/** One of {@link MOODS}. */
export const Mood = z.enum(MOODS)

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

/** GET `/phrases/user`: `q` is looked for as beginnings of words; `hidden`: those alone that the caller has hidden, or has not. */
export const UserPhraseQuery = PageQuery.extend({
  q: text({ max: 100 }).optional(),
  hidden: z.enum(['true', 'false']).optional(),
})

/** A phrase, and whether the caller has hidden it. */
export const UserPhrase = Phrase.extend({ is_excluded: z.boolean() })
export type UserPhrase = z.infer<typeof UserPhrase>

/** The answer to it: active ones, newest first, 1,000 where no limit is given; `total` counts all of these. */
export const UserPhraseList = z.object({ phrases: z.array(UserPhrase), total: z.int(), next_cursor: z.string().nullable() })
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

/** GET `/phrases/suggestions`: `unseen` are those alone that were decided and not noted as seen since. */
export const SuggestionQuery = PageQuery.extend({ unseen: z.enum(['true', 'false']).optional() })

/** The answer to it, newest first, 1,000 where no limit is given; `total` counts all of these. */
export const SuggestionList = z.object({ suggestions: z.array(Suggestion), total: z.int(), next_cursor: z.string().nullable() })
export type SuggestionList = z.infer<typeof SuggestionList>

/** POST `/phrases/suggestions/seen`: decisions that the caller has been shown. Those of others and unknown ones are passed over. */
export const SeenSuggestionsRequest = z.object({ ids: z.array(Uuid).min(1).max(CORE_LIST_LIMIT) })

/** A suggestion as administrators see it, with the name and address of whoever made it. */
export const WaitingSuggestion = Suggestion.extend({ user_display_name: z.string(), user_slug: z.string() })
export type WaitingSuggestion = z.infer<typeof WaitingSuggestion>

/** GET `/admin/suggestions`: those that wait, oldest first, 1,000 where no limit is given; `total` counts all. */
export const WaitingSuggestionList = z.object({
  suggestions: z.array(WaitingSuggestion),
  total: z.int(),
  next_cursor: z.string().nullable(),
})
export type WaitingSuggestionList = z.infer<typeof WaitingSuggestionList>

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
export type AdminPhraseList = z.infer<typeof AdminPhraseList>

/** POST `/admin/phrases`: active and steady, unless it says otherwise. */
export const CreatePhraseRequest = z.object({ phrase_text: PhraseText, active: z.boolean().nullish(), mood: Mood.nullish() })
export type CreatePhraseRequest = z.infer<typeof CreatePhraseRequest>

/** PUT `/admin/phrases/{id}`: what is absent or null stays. */
export const UpdatePhraseRequest = CreatePhraseRequest.partial().extend({ phrase_text: PhraseText.nullish() })
export type UpdatePhraseRequest = z.infer<typeof UpdatePhraseRequest>

/**
 * POST `/admin/suggestions/{id}/approve` and `/reject`: why, for the one who suggested it, 500 characters at most; and, where it is approved, the
 * mood that the phrase shall have, steady unless it says otherwise.
 */
export const DecisionRequest = z.object({ admin_reason: text({ max: 500, characters: 'lines' }).nullish(), mood: Mood.nullish() })
export type DecisionRequest = z.infer<typeof DecisionRequest>
