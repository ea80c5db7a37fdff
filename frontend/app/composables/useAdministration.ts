import type {
  AdminStats,
  AdminUser,
  AdminUserList,
  AuditEntry,
  AuditList,
  RegistrationSetting,
} from '@kennwilliamson/contracts/admin'
import type {
  AdminPhrase,
  AdminPhraseList,
  CreatePhraseRequest,
  DecisionRequest,
  UpdatePhraseRequest,
  WaitingSuggestion,
  WaitingSuggestionList,
} from '@kennwilliamson/contracts/phrases'
import type { ResetLink } from '@kennwilliamson/contracts/recovery'
import { useApi } from '#imports'
import { outcomeOf, type Outcome } from '~/utils/outcome'
import { queryOf } from '~/utils/query-of'
import type { ListPage } from './useList'

/** What an administrator can do to an account, and undo by its opposite. */
export type UserAct = 'deactivate' | 'activate' | 'promote' | 'demote' | 'sign-out'

/** Which events of the audit log are asked for; null for all. */
export interface AuditFilter {
  action: string | null
  user: string | null
}

const PAGE = 30
const userPath = (id: string, act: string) => `/admin/users/${encodeURIComponent(id)}/${act}`

/** What administrators see and do. Actions throw `ApiError`. */
export function useAdministration() {
  const api = useApi()
  return {
    loadStats: (): Promise<Outcome<AdminStats>> => outcomeOf(api.get<AdminStats>('/admin/stats')),
    setRegistration: (registration: RegistrationSetting['registration']) =>
      api.put<RegistrationSetting>('/admin/registration', { registration }),

    async listUsers(q: string, cursor: string | null): Promise<ListPage<AdminUser>> {
      const { users: rows, next_cursor } = await api.get<AdminUserList>(
        `/admin/users${queryOf({ q: q || null, limit: PAGE, cursor })}`,
      )
      return { rows, total: null, next_cursor }
    },
    actOn: (userId: string, act: UserAct) => api.post(userPath(userId, act), undefined),
    /** Each is another one and voids the one before: asked for once. */
    makeResetLink: (userId: string) => api.post<ResetLink>(userPath(userId, 'reset-link'), undefined, { once: true }),

    async listSuggestions(cursor: string | null): Promise<ListPage<WaitingSuggestion>> {
      const { suggestions: rows, ...page } = await api.get<WaitingSuggestionList>(
        `/admin/suggestions${queryOf({ limit: PAGE, cursor })}`,
      )
      return { rows, ...page }
    },
    /** Decides once: a second time it would be refused. */
    decide: (id: string, verb: 'approve' | 'reject', decision: DecisionRequest) =>
      api.post(`/admin/suggestions/${encodeURIComponent(id)}/${verb}`, decision, { once: true }),

    /** The list of the core has no cursor: it goes by how many to leave out, of those that are in it by then. */
    async listPhrases(wish: { q: string; deleted: boolean; offset: number }): Promise<ListPage<AdminPhrase>> {
      const { q, deleted, offset } = wish
      const query = queryOf({ q: q || null, include_inactive: deleted ? 'true' : null, limit: PAGE, offset })
      const { phrases: rows, total } = await api.get<AdminPhraseList>(`/admin/phrases${query}`)
      return { rows, total, next_cursor: rows.length > 0 && offset + rows.length < total ? 'more' : null }
    },
    /** The same `key` again makes the same phrase. */
    makePhrase: (wish: CreatePhraseRequest, key: string) =>
      api.post<AdminPhrase>('/admin/phrases', wish, { idempotencyKey: key }),
    changePhrase: (id: string, wish: UpdatePhraseRequest) =>
      api.put<AdminPhrase>(`/admin/phrases/${encodeURIComponent(id)}`, wish),

    async listAudit({ action, user }: AuditFilter, cursor: string | null): Promise<ListPage<AuditEntry>> {
      const { events: rows, next_cursor } = await api.get<AuditList>(
        `/admin/audit${queryOf({ action, user, limit: PAGE, cursor })}`,
      )
      return { rows, total: null, next_cursor }
    },
  }
}
