import type { Incident, IncidentList } from '@kennwilliamson/contracts/incidents'
import { UNDO_SECONDS } from '@kennwilliamson/contracts/limits'
import type { Timer } from '@kennwilliamson/contracts/timers'
import { computed, shallowRef, useApi, type Ref } from '#imports'
import { ApiError } from '~/utils/api-error'
import { newestFirst } from '~/utils/chronology'
import { HISTORY_PAGE, timerPath, type Dashboard } from './useDashboard'

/** What a person says about an incident. `at` is RFC 3339; null is now, or in an edit the time that it has. */
export interface IncidentInput {
  at: string | null
  notes: string
  /** Visitors see that it was corrected. */
  corrected?: boolean
}

/** What came of an edit. `stale`: it was changed elsewhere meanwhile, to what is there now; nothing was saved. */
export type EditOutcome = { kind: 'saved' } | { kind: 'gone' } | { kind: 'stale'; current: Incident }

const isCode = (error: unknown, ...codes: ApiError['code'][]) => error instanceof ApiError && codes.includes(error.code)
const isGone = (error: unknown) => isCode(error, 'INCIDENT_NOT_FOUND', 'TIMER_NOT_FOUND')

/**
 * The incidents of the timer that is looked at and what can be done to them. Every change shows at once and is taken back when the API
 * refuses it; the refusal is thrown for the caller to show.
 */
export function useIncidents(dashboard: Ref<Dashboard & { timer: Timer }>, now: () => number) {
  const api = useApi()
  const incidents = computed(() => dashboard.value.incidents)
  const isWhole = computed(() => dashboard.value.next_cursor === null)
  /** Since when the current run goes on: the newest incident, or the start of counting. */
  const since = computed(() => incidents.value[0]?.occurred_at ?? dashboard.value.timer.started_at)

  /** Incidents that are on their way to the API under an id which it does not know yet: nothing else can be done to them. */
  const unsaved = shallowRef<ReadonlySet<string>>(new Set())
  function markUnsaved(id: string, is: boolean): void {
    const ids = new Set(unsaved.value)
    if (is) ids.add(id)
    else ids.delete(id)
    unsaved.value = ids
  }

  const pathOf = (rest = '') => timerPath(dashboard.value.timer.id, `/incidents${rest}`)
  const pathOfOne = (id: string, rest = '') => pathOf(`/${encodeURIComponent(id)}${rest}`)

  /** Takes one incident out and puts another in; either may be missing. What lies beyond the pages that were read stays there. */
  function swap(out: Incident | null, into: Incident | null): void {
    const rest = incidents.value.filter(({ id }) => id !== out?.id && id !== into?.id)
    const last = rest.at(-1)
    const beyond = into && !isWhole.value && last && newestFirst(last, into) < 0
    const list = into && !beyond ? [...rest, into].sort(newestFirst) : rest
    dashboard.value = { ...dashboard.value, incidents: list }
  }

  async function add(body: { occurred_at?: string; notes: string | null }, key: string): Promise<Incident> {
    const at = body.occurred_at ?? new Date(now()).toISOString()
    const guess: Incident = { id: key, occurred_at: at, notes: body.notes, corrected_at: null, created_at: at, updated_at: at }
    markUnsaved(key, true)
    swap(null, guess)
    try {
      const incident = await api.post<Incident>(pathOf(), body, { idempotencyKey: key })
      swap(guess, incident)
      return incident
    } catch (error) {
      swap(guess, null)
      throw error
    } finally {
      markUnsaved(key, false)
    }
  }

  /** A page of the history, or of what a search finds. */
  const listPage = (cursor: string | null, q: string) =>
    api.get<IncidentList>(
      pathOf(`?${new URLSearchParams({ limit: String(HISTORY_PAGE), ...(cursor ? { cursor } : {}), ...(q ? { q } : {}) })}`),
    )

  return {
    incidents,
    isWhole,
    since,
    unsaved,

    /** The reset that can still be taken back: the newest made within ten minutes, unless many came at once, from a file. */
    findUndoable(): Incident | null {
      const saved = incidents.value.filter(({ id }) => !unsaved.value.has(id))
      const [newest, next] = [...saved].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at))
      if (!newest || newest.created_at === next?.created_at) return null
      return now() - Date.parse(newest.created_at) < UNDO_SECONDS * 1000 ? newest : null
    },

    /** Records an incident. The same `key` again is the same incident. */
    reset: ({ at, notes }: IncidentInput, key: string) =>
      add({ ...(at ? { occurred_at: at } : {}), notes: notes.trim() || null }, key),

    /** Takes a reset back. @throws {ApiError} `UNDO_EXPIRED` after ten minutes. */
    async undo(incident: Incident): Promise<void> {
      swap(incident, null)
      try {
        await api.post<Timer>(pathOfOne(incident.id, '/undo'), {})
      } catch (error) {
        if (isGone(error)) return
        swap(null, incident)
        throw error
      }
    },

    /** Puts a deleted incident back, as a new one of the same time, note and mark. */
    async restore(incident: Incident): Promise<Incident> {
      const made = await add({ occurred_at: incident.occurred_at, notes: incident.notes }, crypto.randomUUID())
      if (!incident.corrected_at) return made
      const marked = await api.patch<Incident>(pathOfOne(made.id), { corrected: true }).catch(() => made)
      swap(made, marked)
      return marked
    },

    /** Deletes an incident as it was seen. One that is gone already is no failure. False when it was changed elsewhere: it stays. */
    async remove(incident: Incident): Promise<boolean> {
      swap(incident, null)
      try {
        await api.delete(pathOfOne(incident.id), { ifMatch: incident.updated_at })
        return true
      } catch (error) {
        if (isGone(error)) return true
        if (!isCode(error, 'STALE')) {
          swap(null, incident)
          throw error
        }
        swap(null, await api.patch<Incident>(pathOfOne(incident.id), {}).catch(() => incident))
        return false
      }
    },

    /**
     * Changes an incident, where it still is as it was seen. After `stale` what is there now is shown, and an edit of that `current` one
     * goes through.
     */
    async edit(incident: Incident, { at, notes, corrected }: IncidentInput): Promise<EditOutcome> {
      const wish = {
        ...(at ? { occurred_at: at } : {}),
        notes: notes.trim() || null,
        ...(corrected == null ? {} : { corrected }),
      }
      const changed = { ...incident, ...wish }
      swap(incident, changed)
      const path = pathOfOne(incident.id)
      try {
        swap(changed, await api.patch<Incident>(path, wish, { ifMatch: incident.updated_at }))
        return { kind: 'saved' }
      } catch (error) {
        if (isGone(error)) {
          swap(changed, null)
          return { kind: 'gone' }
        }
        swap(changed, incident)
        if (!isCode(error, 'STALE')) throw error
      }
      // A change of nothing answers what is there.
      const current = await api.patch<Incident>(path, {})
      swap(incident, current)
      const isSame =
        current.notes === wish.notes &&
        (at === null || Date.parse(at) === Date.parse(current.occurred_at)) &&
        (corrected == null || corrected === (current.corrected_at !== null))
      // The answer to the first try was lost on the way, and this is what it did.
      return isSame ? { kind: 'saved' } : { kind: 'stale', current }
    },

    /** Shows the next page too. */
    async showMore(): Promise<void> {
      const page = await listPage(dashboard.value.next_cursor, '')
      const known = new Set(page.incidents.map(({ id }) => id))
      const list = [...incidents.value.filter(({ id }) => !known.has(id)), ...page.incidents].sort(newestFirst)
      dashboard.value = { ...dashboard.value, incidents: list, next_cursor: page.next_cursor }
    },
    search: (q: string, cursor: string | null = null) => listPage(cursor, q),
  }
}
