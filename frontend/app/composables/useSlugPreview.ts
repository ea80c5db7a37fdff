import type { SlugPreview } from '@kennwilliamson/contracts/auth'
import { onScopeDispose, ref, toValue, useApi, watch, type MaybeRefOrGetter, type Ref } from '#imports'
import { ApiError } from '~/utils/api-error'

/** What is known of the address that a name would get; all empty until the API has said so. */
export interface SlugPreviewState {
  /** As it would be given now: with a number behind it where somebody has the plain one. */
  slug: Ref<string>
  /** As made from the name. */
  plain: Ref<string>
  /** Somebody else has the plain one. */
  taken: Ref<boolean>
  problem: Ref<string>
}

/** Which address a name would get, asked when the typing rests. */
export function useSlugPreview(displayName: MaybeRefOrGetter<string>): SlugPreviewState {
  const api = useApi()
  const slug = ref('')
  const plain = ref('')
  const taken = ref(false)
  const problem = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function clear(): void {
    slug.value = plain.value = problem.value = ''
    taken.value = false
  }

  async function ask(name: string): Promise<void> {
    try {
      const preview = await api.post<SlugPreview>('/auth/preview-slug', { display_name: name }, { anonymous: true })
      if (toValue(displayName).trim() !== name) return // an answer to what is no longer asked
      slug.value = preview.final_slug
      plain.value = preview.slug
      taken.value = !preview.available
      problem.value = ''
    } catch (error) {
      if (toValue(displayName).trim() !== name) return
      clear()
      // Only what the name itself is to blame for: a busy server is no reason to frighten anybody here.
      const about = error instanceof ApiError && (error.code === 'SLUG_IMPOSSIBLE' || error.code === 'SLUG_RESERVED')
      problem.value = about ? `${error.message}.` : ''
    }
  }

  watch(
    () => toValue(displayName).trim(),
    (name) => {
      clearTimeout(timer)
      if (name) timer = setTimeout(() => void ask(name), 300)
      else clear()
    },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { slug, plain, taken, problem }
}
