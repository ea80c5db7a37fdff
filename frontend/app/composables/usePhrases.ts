import type { NewSuggestion, Suggestion, SuggestionList, UserPhrase, UserPhraseList } from '@kennwilliamson/contracts/phrases'
import { useApi } from '#imports'
import { ApiError } from '~/utils/api-error'
import { outcomeOf, type Outcome } from '~/utils/outcome'
import { queryOf } from '~/utils/query-of'
import type { ListPage } from './useList'

/** Which phrases are looked at: all, those that may stand over one's clocks, or those that one has hidden. */
export type PhraseChoice = 'all' | 'shown' | 'hidden'

const PAGE = 30
const HIDDEN = { all: null, shown: 'false', hidden: 'true' } as const
const phrasePath = (id: string) => `/phrases/exclude/${encodeURIComponent(id)}`

/** The phrases of the site as one person sees them, and what the person suggested. Actions throw `ApiError`. */
export function usePhrases() {
  const api = useApi()
  const listSuggestions = (wish: Record<string, string | number | null>) =>
    api.get<SuggestionList>(`/phrases/suggestions${queryOf({ limit: PAGE, ...wish })}`)

  return {
    async list(wish: { q: string; choice: PhraseChoice; cursor: string | null }): Promise<ListPage<UserPhrase>> {
      const query = queryOf({ q: wish.q || null, hidden: HIDDEN[wish.choice], limit: PAGE, cursor: wish.cursor })
      const { phrases: rows, ...page } = await api.get<UserPhraseList>(`/phrases/user${query}`)
      return { rows, ...page }
    },
    /** Hides a phrase, or shows it again; one that is gone meanwhile needs neither. */
    async setHidden(id: string, hidden: boolean): Promise<void> {
      const done = hidden ? api.post(phrasePath(id), undefined) : api.delete(phrasePath(id))
      await done.catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'PHRASE_NOT_FOUND')) throw error
      })
    },

    /** The same `key` again makes the same suggestion. */
    suggest: (text: string, key: string) =>
      api.post<NewSuggestion>('/phrases/suggestions', { phrase_text: text }, { idempotencyKey: key }),
    async listSuggestions(cursor: string | null): Promise<ListPage<Suggestion>> {
      const { suggestions: rows, ...page } = await listSuggestions({ cursor })
      return { rows, ...page }
    },
    /** Takes back one that waits; one that is gone already needs it no more. */
    withdraw: (id: string) =>
      api.delete(`/phrases/suggestions/${encodeURIComponent(id)}`).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'SUGGESTION_NOT_FOUND')) throw error
      }),

    /** Decisions that the person has not been shown. */
    loadNews: (): Promise<Outcome<Suggestion[]>> =>
      outcomeOf(listSuggestions({ unseen: 'true' }).then(({ suggestions }) => suggestions)),
    markSeen: (ids: string[]) => api.post('/phrases/suggestions/seen', { ids }),
  }
}
