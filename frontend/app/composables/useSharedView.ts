import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { useApi } from '#imports'
import { ApiError, Moved } from '~/utils/api-error'

/** What came of asking for a shared timer. Unknown and private are the same; `moved` says the path of its page now. */
export type SharedViewOutcome =
  { kind: 'shown'; view: SharedView } | { kind: 'moved'; path: string } | { kind: 'not-there' } | { kind: 'away' }

/** Of a timer that is elsewhere: nobody gets to see it, but a page that is on its way out must have something to render. */
export const BLANK_VIEW: SharedView = {
  before_first: true,
  title: '',
  user_display_name: '',
  since: '1970-01-01T00:00:00Z',
  time_zone: 'UTC',
  phrase: null,
  share_level: 'count',
  is_listed: false,
  revision: 0,
  server_time: '1970-01-01T00:00:00Z',
}

/** Loads what anybody may see of a timer, at its place below the API's address: `/shared/ada/lift`, or `/s/…`. Never throws. */
export function useSharedViewLoader(place: string): () => Promise<SharedViewOutcome> {
  const api = useApi()
  return async () => {
    try {
      return { kind: 'shown', view: await api.get<SharedView>(place, { anonymous: true }) }
    } catch (error) {
      if (error instanceof Moved) return { kind: 'moved', path: error.path.replace(/^\/shared/, '') }
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 429
      return { kind: refused ? 'not-there' : 'away' }
    }
  }
}
