import { onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from '#imports'

/** True once something has been waited for longer than 300 ms: before that, progress would only flicker. */
export function usePending(waiting: MaybeRefOrGetter<boolean>): Ref<boolean> {
  const shown = ref(false)
  if (import.meta.server) return shown
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => toValue(waiting),
    (now) => {
      clearTimeout(timer)
      if (!now) shown.value = false
      else
        timer = setTimeout(() => {
          shown.value = true
        }, 300)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return shown
}
