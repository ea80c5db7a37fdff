import { toValue, useHead, useRuntimeConfig, useSite, type MaybeRefOrGetter } from '#imports'

/** What a page says of itself to search engines and to whoever previews a link to it. */
export interface PageMeta {
  title: MaybeRefOrGetter<string>
  description?: MaybeRefOrGetter<string>
  /** The one path of this page. Without it the page has no business in a search engine. */
  path?: string
  /** Whether search engines may list it, for a page about which that is somebody's choice. It is found by its address all the same. */
  listed?: MaybeRefOrGetter<boolean>
  /** The title of a link preview, where it says more than the page's own. */
  previewTitle?: MaybeRefOrGetter<string>
  /** What the picture of a link preview says, for a page that has one: `card.png` below its path. */
  card?: MaybeRefOrGetter<string>
}

/** Sets title, description, canonical address and the preview of links. */
export function usePageMeta({ title, description, path, listed = true, previewTitle = title, card }: PageMeta): void {
  const site = useSite()
  const { siteName } = useRuntimeConfig().public
  useHead({ title })
  useHead({ meta: () => (path !== undefined && toValue(listed) ? [] : [{ name: 'robots', content: 'noindex' }]) })
  if (path === undefined) return
  const url = site.value.origin + path
  const preview = {
    type: 'website',
    site_name: siteName,
    url,
    title: () => toValue(previewTitle),
    description: () => toValue(description),
  }
  useHead({
    link: [{ rel: 'canonical', href: url }],
    meta: [
      { name: 'description', content: () => toValue(description) },
      ...Object.entries(preview).map(([name, content]) => ({ property: `og:${name}`, content })),
    ],
  })
  if (card === undefined) return
  const picture = {
    'og:image': `${url}/card.png`,
    'og:image:type': 'image/png',
    'og:image:width': '1200',
    'og:image:height': '630',
    'og:image:alt': () => toValue(card),
  }
  useHead({
    meta: [
      ...Object.entries(picture).map(([property, content]) => ({ property, content })),
      { name: 'twitter:card', content: 'summary_large_image' },
    ],
  })
}
