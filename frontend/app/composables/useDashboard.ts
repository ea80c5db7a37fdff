import type { User } from '@kennwilliamson/contracts/auth'
import type { Charts, Incident, IncidentList, Stats } from '@kennwilliamson/contracts/incidents'
import type { CreateTimerRequest, Timer, TimerList, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { useApi } from '#imports'
import { ApiError } from '~/utils/api-error'
import { outcomeOf, type Outcome } from '~/utils/outcome'

/** All that the dashboard shows at once. */
export interface Dashboard {
  user: User
  /** In the owner's order, archived ones among them. */
  timers: Timer[]
  /** The one that is looked at; null when the address names none of theirs. */
  timer: Timer | null
  time_zone: string
  server_time: string
  /** Its incidents, newest first, as far as they were asked for. */
  incidents: Incident[]
  next_cursor: string | null
}

/** The figures of a timer and what its charts are drawn of. */
export interface Figures {
  timerId: string
  stats: Stats
  charts: Charts
}

/** Incidents of one page. */
export const HISTORY_PAGE = 30

/** The way below `/backend` to a timer's own things. */
export const timerPath = (id: string, rest = '') => `/timers/${encodeURIComponent(id)}${rest}`

/** The person's timers, what can be asked about them, and what can be done to them. Actions throw `ApiError`. */
export function useDashboard() {
  const api = useApi()

  async function load(slug: string | null): Promise<Dashboard> {
    const [user, list] = await Promise.all([api.get<User>('/auth/me'), api.get<TimerList>('/timers')])
    const timer = list.timers.find((one) => (slug === null ? one.is_default : one.slug === slug)) ?? null
    const page = timer && (await api.get<IncidentList>(timerPath(timer.id, `/incidents?limit=${HISTORY_PAGE}`)))
    return { user, timer, ...list, incidents: page?.incidents ?? [], next_cursor: page?.next_cursor ?? null }
  }

  return {
    /** Loads the dashboard with the timer of this address, or the default one. */
    load: (slug: string | null): Promise<Outcome<Dashboard>> => outcomeOf(load(slug)),
    loadFigures: (timerId: string): Promise<Outcome<Figures>> =>
      outcomeOf(
        Promise.all([api.get<Stats>(timerPath(timerId, '/stats')), api.get<Charts>(timerPath(timerId, '/charts'))]).then(
          ([stats, charts]) => ({ timerId, stats, charts }),
        ),
      ),
    /** The figures that a reset at this time would give; null is now. Saves nothing. */
    preview: (timerId: string, at: string | null) =>
      api.post<Stats>(timerPath(timerId, '/incidents/preview'), at === null ? {} : { occurred_at: at }),

    /** The same `key` again makes the same timer. */
    create: (wish: CreateTimerRequest, key: string) => api.post<Timer>('/timers', wish, { idempotencyKey: key }),
    change: (timerId: string, wish: UpdateTimerRequest) => api.patch<Timer>(timerPath(timerId), wish),
    /** Deletes a timer. One that is gone already is no failure. */
    remove: (timerId: string) =>
      api.delete(timerPath(timerId)).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'TIMER_NOT_FOUND')) throw error
      }),
  }
}
