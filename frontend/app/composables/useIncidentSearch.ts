import type { Incident, IncidentList } from '@kennwilliamson/contracts/incidents'
import { onScopeDispose, ref, shallowRef, watch } from '#imports'
import { sentenceOf } from '~/utils/api-error'

/** Somebody who types is waited for this long, in milliseconds. */
const PAUSE = 250

/**
 * A search in the notes while it is typed. `found` is null while nothing is asked for; it is asked anew when the incidents themselves
 * change, and an answer that comes late is not shown.
 */
export function useIncidentSearch(
  search: (q: string, cursor: string | null) => Promise<IncidentList>,
  incidents: () => Incident[],
) {
  const query = ref('')
  const found = shallowRef<(IncidentList & { q: string }) | null>(null)
  const failure = ref('')
  const pending = ref(false)
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function look(): Promise<void> {
    const mine = ++asked
    const q = query.value.trim()
    failure.value = ''
    if (q === '') {
      pending.value = false
      found.value = null
      return
    }
    pending.value = true
    try {
      const list = await search(q, null)
      if (mine === asked) found.value = { ...list, q }
    } catch (error) {
      if (mine === asked) failure.value = sentenceOf(error)
    } finally {
      if (mine === asked) pending.value = false
    }
  }
  function lookSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), PAUSE)
  }
  watch(query, lookSoon)
  watch(incidents, (now, before) => {
    if (!found.value) return
    // What was deleted goes at once; what was changed is seen changed.
    const known = new Map(now.map((incident) => [incident.id, incident]))
    const had = new Set(before.map(({ id }) => id))
    const kept = found.value.incidents
      .filter(({ id }) => known.has(id) || !had.has(id))
      .map((incident) => known.get(incident.id) ?? incident)
    found.value = { ...found.value, incidents: kept }
    lookSoon()
  })
  onScopeDispose(() => clearTimeout(timer))

  /** Shows the next page of what was found. Throws what `search` throws. */
  async function more(): Promise<void> {
    const list = found.value
    if (!list?.next_cursor) return
    const mine = asked
    const page = await search(list.q, list.next_cursor)
    if (mine === asked) found.value = { ...list, ...page, incidents: [...list.incidents, ...page.incidents] }
  }
  return { query, found, failure, pending, more }
}
