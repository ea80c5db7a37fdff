import type { SharedEvent, SharedIncidentList, SharedView } from '@kennwilliamson/contracts/sharing'
import {
  clearNuxtData,
  createError,
  navigateTo,
  onBeforeUnmount,
  onMounted,
  ref,
  shallowRef,
  showError,
  useApi,
  useAsyncData,
  useNuxtApp,
  useResponseHeader,
  useRoute,
  watch,
  type Ref,
} from '#imports'
import type { ShallowRef } from 'vue'
import { viewAfter } from '~/utils/live-rules'
import { useLiveView, type Connection } from './useLiveView'
import { BLANK_VIEW, useSharedViewLoader } from './useSharedView'

const NOT_THERE = { statusCode: 404, statusMessage: 'Not Found', message: 'There is no timer at this address' }
const AWAY = { statusCode: 503, statusMessage: 'Service Unavailable', message: 'The timer is out of reach' }

/** After a change everybody's list is read anew; spread over so long, so that not all viewers come at once. Milliseconds. */
const SPREAD_MS = 4_000
/** An answer may be two seconds old: one asked for sooner could be that of before. Milliseconds. */
const SETTLE_MS = 2_000

/** A timer as its page shows it, and what one can do there. */
export interface SharedPage {
  view: ShallowRef<SharedView>
  connection: Ref<Connection>
  /** Reads the next page of the list. */
  showMore: () => Promise<void>
  loadingMore: Ref<'no' | 'yes' | 'failed'>
}

/**
 * The timer at a place below the API's address, at the level that the place gives: rendered by the server, then live. Once it is gone,
 * the page is the same as where nothing ever was, and nothing of the timer is left in the document.
 */
export async function useSharedPage(place: string): Promise<SharedPage> {
  const route = useRoute()
  const api = useApi()
  const key = `shared:${place}`
  const load = useSharedViewLoader(place)
  const nuxtApp = useNuxtApp()
  const retryAfter = import.meta.server ? useResponseHeader('retry-after') : null
  // Waited for at the very end: what belongs to this component must be said before.
  const loading = useAsyncData(key, load, { deep: false })
  const { data: outcome, refresh } = loading

  /** To where the owner's pages are now. Not for good: in 90 days the address may be somebody else's. */
  const follow = (to: string) =>
    nuxtApp.runWithContext(() =>
      navigateTo({ path: to, query: route.query, hash: route.hash }, { redirectCode: 307, replace: true }),
    )
  const view = shallowRef<SharedView>(BLANK_VIEW)
  const loadingMore = ref<'no' | 'yes' | 'failed'>('no')
  let reload: ReturnType<typeof setTimeout> | undefined
  let isGone = false
  let isShown = false

  function leave(): void {
    isGone = true
    clearTimeout(reload)
    view.value = BLANK_VIEW
    void nuxtApp.runWithContext(() => {
      clearNuxtData(key)
      showError({ ...NOT_THERE, fatal: true })
    })
  }

  function reloadSoon(): void {
    clearTimeout(reload)
    reload = setTimeout(() => void refresh(), SETTLE_MS + Math.random() * SPREAD_MS)
  }

  function onEvent(type: string, event: SharedEvent): void {
    if (isGone) return
    const before = view.value
    const after = viewAfter(before, type, event)
    if (after === before) return
    view.value = after
    if (after.share_level === 'history' && (after.revision !== before.revision || after.incidents === undefined)) reloadSoon()
  }

  async function showMore(): Promise<void> {
    const { next_cursor: cursor, incidents: shown = [] } = view.value
    if (!cursor || loadingMore.value === 'yes') return
    loadingMore.value = 'yes'
    try {
      const list = await api.get<SharedIncidentList>(`${place}/incidents?cursor=${encodeURIComponent(cursor)}`, {
        anonymous: true,
      })
      // The list may have been read anew meanwhile, or have gone with its level.
      if (view.value.next_cursor === cursor)
        view.value = { ...view.value, incidents: [...shown, ...list.incidents], next_cursor: list.next_cursor }
      loadingMore.value = 'no'
    } catch {
      loadingMore.value = 'failed'
    }
  }

  watch(outcome, (now) => {
    if (isGone || !isShown || !now) return
    if (now.kind === 'moved') void follow(now.path)
    else if (now.kind === 'not-there') leave()
    // A view from a cache may be older than what the stream has said.
    else if (now.kind === 'shown' && now.view.revision >= view.value.revision) view.value = now.view
    else if (now.kind === 'shown' && view.value.share_level === 'history') reloadSoon()
  })
  const { connection } = useLiveView({ api: place, onEvent, onGone: leave, look: () => void refresh() })
  // What came with the page is in memory by now. In the document it would outlive its share level.
  onMounted(() => document.getElementById('__NUXT_DATA__')?.remove())
  // The stream follows a timer whose owner has moved; the address of the page does when somebody comes back to it.
  const onReturn = () => {
    if (!document.hidden) void refresh()
  }
  onMounted(() => {
    document.addEventListener('visibilitychange', onReturn)
  })
  onBeforeUnmount(() => {
    clearTimeout(reload)
    document.removeEventListener('visibilitychange', onReturn)
  })

  await loading
  if (outcome.value?.kind === 'shown') {
    view.value = outcome.value.view
    isShown = true
  } else if (outcome.value?.kind === 'moved') await follow(outcome.value.path)
  else {
    if (retryAfter && outcome.value?.kind !== 'not-there') retryAfter.value = '5'
    throw createError({ ...(outcome.value?.kind === 'not-there' ? NOT_THERE : AWAY), fatal: import.meta.client })
  }
  return { view, connection, showMore, loadingMore }
}
