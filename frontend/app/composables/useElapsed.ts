import {
  computed,
  onBeforeUnmount,
  onMounted,
  ref,
  toValue,
  watch,
  type ComputedRef,
  type MaybeRefOrGetter,
  type Ref,
} from '#imports'
import { elapsedParts, elapsedSentence, type ElapsedParts } from '#shared/utils/elapsed'
import type { ServerClock } from './useServerClock'

/** A running count. */
export interface Elapsed {
  parts: ComputedRef<ElapsedParts>
  /** For reading aloud; it changes at most once a minute. */
  sentence: ComputedRef<string>
  /** The display is held; the count goes on. */
  paused: Ref<boolean>
}

/**
 * Counts from `since` (RFC 3339) by calendar in `timeZone`. It ticks when a second is full, only while the page is seen, and by the
 * minute for people who asked for less motion.
 */
export function useElapsed(since: MaybeRefOrGetter<string>, timeZone: MaybeRefOrGetter<string>, clock: ServerClock): Elapsed {
  const instant = ref(clock.rendered)
  const paused = ref(false)
  const parts = computed(() => elapsedParts(Date.parse(toValue(since)), instant.value, toValue(timeZone)))
  const sentence = computed(() => elapsedSentence(parts.value))

  let timer: ReturnType<typeof setTimeout> | undefined
  let calm: MediaQueryList | undefined

  function tick(): void {
    clearTimeout(timer)
    if (paused.value || document.hidden) return
    instant.value = clock.now()
    const step = calm?.matches ? 60_000 : 1000
    const into = (instant.value - Date.parse(toValue(since))) % step
    timer = setTimeout(tick, step - (into < 0 ? into + step : into) + 2)
  }

  onMounted(() => {
    calm = matchMedia('(prefers-reduced-motion: reduce)')
    calm.addEventListener('change', tick)
    document.addEventListener('visibilitychange', tick)
    tick()
  })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    calm?.removeEventListener('change', tick)
    document.removeEventListener('visibilitychange', tick)
  })
  watch([paused, () => toValue(since)], () => {
    if (import.meta.client) tick()
  })
  return { parts, sentence, paused }
}
