import { toValue, useHead, useSeoMeta, useSite, type MaybeRefOrGetter } from '#imports'

/** Names the one address of this page, for search engines and link previews. */
export function useCanonical(path: MaybeRefOrGetter<string>): void {
  const site = useSite()
  const url = () => site.value.origin + toValue(path)
  useHead({ link: [{ rel: 'canonical', href: url }] })
  useSeoMeta({ ogUrl: url })
}
