import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { useApi } from '#imports'
import { ApiError } from '~/utils/api-error'

/** What came of asking for a shared timer. Unknown and private are the same. */
export type SharedViewOutcome = { kind: 'shown'; view: SharedView } | { kind: 'not-there' } | { kind: 'away' }

/** Loads what anybody may see of a timer. Never throws. */
export function useSharedViewLoader(userSlug: string, timerSlug: string): () => Promise<SharedViewOutcome> {
  const api = useApi()
  return async () => {
    try {
      const path = `/shared/${encodeURIComponent(userSlug)}/${encodeURIComponent(timerSlug)}`
      return { kind: 'shown', view: await api.get<SharedView>(path, { anonymous: true }) }
    } catch (error) {
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 429
      return { kind: refused ? 'not-there' : 'away' }
    }
  }
}
