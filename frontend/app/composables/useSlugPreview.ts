import type { SlugPreview } from '@kennwilliamson/contracts/auth'
import { onScopeDispose, ref, toValue, useApi, watch, type MaybeRefOrGetter, type Ref } from '#imports'
import { ApiError } from '~/utils/api-error'

/** Which address a name would get, asked when the typing rests. */
export function useSlugPreview(displayName: MaybeRefOrGetter<string>): { slug: Ref<string>; problem: Ref<string> } {
  const api = useApi()
  const slug = ref('')
  const problem = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(name: string): Promise<void> {
    try {
      const preview = await api.post<SlugPreview>('/auth/preview-slug', { display_name: name }, { anonymous: true })
      if (toValue(displayName).trim() !== name) return // an answer to what is no longer asked
      slug.value = preview.final_slug
      problem.value = ''
    } catch (error) {
      if (toValue(displayName).trim() !== name) return
      slug.value = ''
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
      else slug.value = problem.value = ''
    },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { slug, problem }
}
