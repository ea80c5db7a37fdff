import { computed, onScopeDispose, ref, shallowRef, useAsyncData, watch } from '#imports'
import { outcomeOf } from '~/utils/outcome'

/** A page of a list, newest or oldest first, as the API gives it. */
export interface ListPage<Row> {
  rows: Row[]
  /** Of all pages together; null where the API does not count. */
  total: number | null
  next_cursor: string | null
}

/** Somebody who types is waited for this long, in milliseconds. */
const PAUSE = 250

/**
 * A list that is read by pages, and asked for anew when what is `sought` changes and the typing rests. `name` is what Nuxt keeps the first
 * page under. Whoever shows the rows may replace them, where something was done to one.
 */
export function useList<Row extends { id: string }>(
  name: string,
  read: (cursor: string | null) => Promise<ListPage<Row>>,
  sought: () => unknown = () => null,
) {
  const { data: outcome, status, refresh } = useAsyncData(name, () => outcomeOf(read(null)), { lazy: true })
  const rows = shallowRef<Row[]>([])
  const total = ref<number | null>(null)
  const cursor = ref<string | null>(null)
  watch(
    outcome,
    (now) => {
      if (now?.kind !== 'loaded') return
      rows.value = now.value.rows
      total.value = now.value.total
      cursor.value = now.value.next_cursor
    },
    { immediate: true, flush: 'sync' },
  )

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(sought, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void refresh(), PAUSE)
  })
  onScopeDispose(() => clearTimeout(timer))

  /** Adds the next page; gives the id of its first row. Throws `ApiError`. */
  async function more(): Promise<string | null> {
    const [from, begun] = [cursor.value, outcome.value]
    if (from === null) return null
    const page = await read(from)
    // It may have begun anew meanwhile.
    if (outcome.value !== begun) return null
    // Where a list goes by numbers, one that came meanwhile moves the others down: nothing is shown twice.
    const known = new Set(rows.value.map(({ id }) => id))
    const added = page.rows.filter(({ id }) => !known.has(id))
    rows.value = [...rows.value, ...added]
    cursor.value = page.next_cursor
    return added[0]?.id ?? null
  }

  return {
    outcome,
    pending: computed(() => status.value === 'pending'),
    rows,
    total,
    hasMore: computed(() => cursor.value !== null),
    refresh: () => refresh(),
    more,
  }
}
