import { computed, ref, shallowRef, type ComputedRef, type Ref } from '#imports'
import { sentenceOf } from '~/utils/api-error'
import { usePending } from './usePending'

/** A choice that is shown at once and goes back, with the reason, when it could not be kept. */
export interface OptimisticChoice<Choice> {
  /** What was chosen last; what there is, where nothing was. */
  shown: ComputedRef<Choice>
  choose: (choice: Choice) => void
  /** Takes away the words about the last one. */
  forget: () => void
  /** It takes longer than a moment. */
  slow: Ref<boolean>
  /** What came of it, until the next choice. Empty before. */
  said: Ref<string>
  failure: Ref<string>
}

/**
 * Choices are sent one after the other, so that the last one is the one that stays; those that were overtaken are not sent at all.
 * `send` resolves with the words for what was done, and throws what `sentenceOf` can read.
 */
export function useOptimisticChoice<Choice>(
  current: () => Choice,
  send: (choice: Choice) => Promise<string>,
): OptimisticChoice<Choice> {
  const wanted = shallowRef<{ choice: Choice } | null>(null)
  const said = ref('')
  const failure = ref('')
  let sending: Promise<void> = Promise.resolve()

  async function keep(wish: { choice: Choice }): Promise<void> {
    if (wanted.value !== wish) return
    let words: string
    let reason = ''
    try {
      words = await send(wish.choice)
    } catch (error) {
      words = ''
      reason = `It stays as it was: ${sentenceOf(error)}`
    }
    if (wanted.value !== wish) return
    said.value = words
    failure.value = reason
    wanted.value = null
  }

  return {
    shown: computed(() => (wanted.value ? wanted.value.choice : current())),
    choose(choice) {
      const wish = { choice }
      wanted.value = wish
      said.value = ''
      failure.value = ''
      sending = sending.then(() => keep(wish))
    },
    forget() {
      said.value = ''
      failure.value = ''
    },
    slow: usePending(() => wanted.value !== null),
    said,
    failure,
  }
}
