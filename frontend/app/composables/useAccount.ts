import type { Profile, SecurityEventList, Session, UpdateProfileRequest } from '@kennwilliamson/contracts/accounts'
import type { User } from '@kennwilliamson/contracts/auth'
import type { Timer, TimerList, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { refreshNuxtData, useApi, useSession } from '#imports'
import { ApiError } from '~/utils/api-error'
import { outcomeOf, type Outcome } from '~/utils/outcome'
import type { Download } from './useApi'
import { timerPath } from './useDashboard'

/** Under these names Nuxt keeps what was loaded, so that whoever changes something can have it loaded anew. */
export const ACCOUNT_DATA = { profile: 'profile', timers: 'own-timers', sessions: 'sessions', events: 'security-events' } as const

/** Events of one page; an account gathers a few a week. */
const EVENTS = 10

/** The account of the person signed in: what is known of it, and what can be done with it. Actions throw `ApiError`. */
export function useAccount() {
  const api = useApi()
  const { signOut } = useSession()
  /** The session has ended already, so nothing is lost where this does not get through. */
  const leave = (homePage: '/' | '/#account-deleted') => signOut(homePage).catch(() => location.replace(homePage))
  const refresh = (...parts: (keyof typeof ACCOUNT_DATA)[]) => refreshNuxtData(parts.map((part) => ACCOUNT_DATA[part]))

  return {
    loadProfile: (): Promise<Outcome<Profile>> => outcomeOf(api.get<Profile>('/account/profile')),
    loadSessions: (): Promise<Outcome<Session[]>> =>
      outcomeOf(api.get<{ sessions: Session[] }>('/auth/sessions').then(({ sessions }) => sessions)),
    loadTimers: (): Promise<Outcome<Timer[]>> => outcomeOf(api.get<TimerList>('/timers').then(({ timers }) => timers)),
    loadEvents: (): Promise<Outcome<SecurityEventList>> =>
      outcomeOf(api.get<SecurityEventList>(`/account/events?limit=${EVENTS}`)),
    listOlderEvents: (cursor: string) =>
      api.get<SecurityEventList>(`/account/events?limit=${EVENTS}&cursor=${encodeURIComponent(cursor)}`),

    async changeProfile(change: UpdateProfileRequest): Promise<void> {
      await api.put<User>('/account/profile', change)
      await refresh('profile', 'events')
    },
    async changeTimer(id: string, wish: UpdateTimerRequest): Promise<void> {
      await api.patch<Timer>(timerPath(id), wish)
      await refresh('timers')
    },
    /** Signs out every other session. Asked a second time it would call the old password wrong. */
    async changePassword(current: string, next: string): Promise<void> {
      await api.put('/account/password', { current_password: current, new_password: next }, { once: true })
      await refresh('sessions', 'events')
    },
    /** Ends another session of one's own. One that has ended already is no failure. */
    async signOutSession(id: string): Promise<void> {
      await api.delete(`/auth/sessions/${encodeURIComponent(id)}`).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'SESSION_NOT_FOUND')) throw error
      })
      await refresh('sessions', 'events')
    },
    async signOutOthers(): Promise<void> {
      await api.post('/auth/revoke-others', {})
      await refresh('sessions', 'events')
    },
    /** Ends this session too, and leaves the page. */
    async signOutEverywhere(): Promise<void> {
      await api.post('/auth/revoke-all', {})
      await leave('/')
    },
    async downloadData(): Promise<Download> {
      const download = await api.download('/account/export')
      await refresh('events')
      return download
    },
    /** Deletes everything, and leaves the page. */
    async deleteAccount(password: string): Promise<void> {
      await api.delete('/account', { body: { password }, once: true })
      await leave('/#account-deleted')
    },
  }
}
