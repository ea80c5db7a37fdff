import type { User } from '@kennwilliamson/contracts/auth'
import type { Timer, TimerEntry, TimerList } from '@kennwilliamson/contracts/timers'
import { computed, shallowRef, useApi, type Ref } from '#imports'
import { ApiError } from '~/utils/api-error'

/** All that the dashboard shows. */
export interface Dashboard {
  user: User
  timer: Timer
  time_zone: string
  server_time: string
  /** Incidents of the timer, newest first. */
  entries: TimerEntry[]
}

/** What came of asking for it. */
export type DashboardOutcome =
  { kind: 'loaded'; dashboard: Dashboard } | { kind: 'signed-out' } | { kind: 'away'; message: string }

/** What a person says about an incident. `at` is RFC 3339; null is now. */
export interface IncidentInput {
  at: string | null
  notes: string
}

/** Loads the dashboard of the person signed in. Never throws: what can go wrong is an outcome. */
export function useDashboardLoader(): () => Promise<DashboardOutcome> {
  const api = useApi()
  return async () => {
    try {
      const [user, list, entries] = await Promise.all([
        api.get<User>('/auth/me'),
        api.get<TimerList>('/timers'),
        api.get<TimerEntry[]>('/incident-timers'),
      ])
      const timer = list.timers.find(({ is_default }) => is_default)
      if (!timer) return { kind: 'away', message: 'Your timer could not be found.' }
      return { kind: 'loaded', dashboard: { user, timer, time_zone: list.time_zone, server_time: list.server_time, entries } }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && error.code !== 'SOMEBODY_ELSE') return { kind: 'signed-out' }
      return { kind: 'away', message: error instanceof ApiError ? `${error.message}.` : 'Something went wrong.' }
    }
  }
}

const newestFirst = (a: TimerEntry, b: TimerEntry) => Date.parse(b.reset_timestamp) - Date.parse(a.reset_timestamp)

/**
 * The incidents of the default timer and what can be done to them. Every change shows at once and is taken back when the API refuses
 * it; the refusal is thrown for the caller to show.
 */
export function useIncidents(dashboard: Ref<Dashboard>, now: () => number) {
  const api = useApi()
  const entries = computed(() => dashboard.value.entries)
  /** Since when the current run goes on: the newest incident, or the start of counting. */
  const since = computed(() => entries.value[0]?.reset_timestamp ?? dashboard.value.timer.started_at)

  /** Incidents that are on their way to the API under an id which it does not know yet: nothing else can be done to them. */
  const unsaved = shallowRef<ReadonlySet<string>>(new Set())
  function markUnsaved(id: string, is: boolean): void {
    const ids = new Set(unsaved.value)
    if (is) ids.add(id)
    else ids.delete(id)
    unsaved.value = ids
  }

  function show(list: TimerEntry[]): void {
    dashboard.value = { ...dashboard.value, entries: [...list].sort(newestFirst) }
  }
  /** Takes one entry out and puts another in; either may be missing. */
  function swap(out: TimerEntry | null, into: TimerEntry | null): void {
    const rest = entries.value.filter(({ id }) => id !== out?.id && id !== into?.id)
    show(into ? [...rest, into] : rest)
  }

  async function add(body: { reset_timestamp?: string; notes: string | null }, key: string): Promise<TimerEntry> {
    const at = body.reset_timestamp ?? new Date(now()).toISOString()
    const guess: TimerEntry = { id: key, reset_timestamp: at, notes: body.notes, created_at: at, updated_at: at }
    markUnsaved(key, true)
    swap(null, guess)
    try {
      const entry = await api.post<TimerEntry>('/incident-timers', body, { idempotencyKey: key })
      swap(guess, entry)
      return entry
    } catch (error) {
      swap(guess, null)
      throw error
    } finally {
      markUnsaved(key, false)
    }
  }

  return {
    entries,
    since,
    unsaved,

    /** Records an incident. The same `key` again is the same incident. */
    reset: ({ at, notes }: IncidentInput, key: string) =>
      add({ ...(at ? { reset_timestamp: at } : {}), notes: notes.trim() || null }, key),

    /** Puts a deleted incident back, as a new one of the same time and note. */
    restore: (entry: TimerEntry) => add({ reset_timestamp: entry.reset_timestamp, notes: entry.notes }, crypto.randomUUID()),

    /** Deletes an incident. One that is gone already is no failure. */
    async remove(entry: TimerEntry): Promise<void> {
      swap(entry, null)
      try {
        await api.delete(`/incident-timers/${encodeURIComponent(entry.id)}`)
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return
        swap(null, entry)
        throw error
      }
    },

    /** Changes the time or the note. `at: null` leaves the time as it is, to the microsecond. False when the incident is gone. */
    async edit(entry: TimerEntry, { at, notes }: IncidentInput): Promise<boolean> {
      const changed = { ...entry, reset_timestamp: at ?? entry.reset_timestamp, notes: notes.trim() || null }
      swap(entry, changed)
      try {
        const body = { ...(at ? { reset_timestamp: at } : {}), notes: changed.notes }
        swap(changed, await api.put<TimerEntry>(`/incident-timers/${encodeURIComponent(entry.id)}`, body))
        return true
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          swap(changed, null)
          return false
        }
        swap(changed, entry)
        throw error
      }
    },
  }
}
