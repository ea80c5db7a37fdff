import type { CreateLinkRequest, NewSecretLink, SecretLink, SecretLinkList } from '@kennwilliamson/contracts/links'
import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { useApi } from '#imports'
import { ApiError } from '~/utils/api-error'
import { outcomeOf, type Outcome } from '~/utils/outcome'
import { timerPath } from './useDashboard'

/** What the owner of a timer can ask and do about who sees it, besides its share level. */
export interface Sharing {
  /** The timer as a visitor would see it at a level, whatever its own is. */
  viewAt: (level: SharedView['share_level']) => Promise<Outcome<SharedView>>
  /** Newest first. */
  listLinks: () => Promise<Outcome<SecretLink[]>>
  /** The answer has the whole address, this once. Throws `ApiError`. */
  createLink: (wish: CreateLinkRequest) => Promise<NewSecretLink>
  /** One that is gone already is no failure. Throws `ApiError`. */
  revokeLink: (linkId: string) => Promise<void>
}

/** The sharing of the timer with this id. */
export function useSharing(timerId: () => string): Sharing {
  const api = useApi()
  return {
    viewAt: (level) => outcomeOf(api.get<SharedView>(timerPath(timerId(), `/view?share_level=${level}`))),
    listLinks: () => outcomeOf(api.get<SecretLinkList>(timerPath(timerId(), '/links')).then(({ links }) => links)),
    // Asked twice, there would be two, and one of them would be known to nobody.
    createLink: (wish) => api.post<NewSecretLink>(timerPath(timerId(), '/links'), wish, { once: true }),
    revokeLink: (linkId) =>
      api.delete(timerPath(timerId(), `/links/${encodeURIComponent(linkId)}`)).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'LINK_NOT_FOUND')) throw error
      }),
  }
}
