import { computed, shallowRef, useAsyncData, usePhrases } from '#imports'

/** Decisions on what the person suggested, shown until the person has seen them. Without them the page is there all the same. */
export function useDecisions() {
  const { loadNews, markSeen } = usePhrases()
  const { data: outcome } = useAsyncData('decisions', loadNews, { lazy: true })
  const decisions = computed(() => (outcome.value?.kind === 'loaded' ? outcome.value.value : []))
  /** The ones that were put away. */
  const seen = shallowRef<typeof decisions.value | null>(null)
  const news = computed(() => (seen.value === decisions.value ? [] : decisions.value))

  /** Puts them away for good, at once; where that does not work they are there again. Throws `ApiError`. */
  async function putAway(): Promise<void> {
    if (news.value.length === 0) return
    seen.value = decisions.value
    try {
      await markSeen(decisions.value.map(({ id }) => id))
    } catch (error) {
      seen.value = null
      throw error
    }
  }
  return {
    /** Those that are not put away. */
    news,
    /** Ids of all that were new when the page was loaded. */
    ids: computed(() => new Set(decisions.value.map(({ id }) => id))),
    putAway,
  }
}
