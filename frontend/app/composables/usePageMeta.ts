import { toValue, useHead, useRuntimeConfig, useSite, type MaybeRefOrGetter } from '#imports'

/** What a page says of itself to search engines and to whoever previews a link to it. */
export interface PageMeta {
  title: MaybeRefOrGetter<string>
  description?: MaybeRefOrGetter<string>
  /** The one path of this page. Without it the page has no business in a search engine. */
  path?: string
  /** The title of a link preview, where it says more than the page's own. */
  previewTitle?: MaybeRefOrGetter<string>
  /** What the picture of a link preview says, for a page that has one: `card.png` below its path. */
  card?: MaybeRefOrGetter<string>
}

/** Sets title, description, canonical address and the preview of links. */
export function usePageMeta({ title, description, path, previewTitle = title, card }: PageMeta): void {
  const site = useSite()
  const { siteName } = useRuntimeConfig().public
  useHead({ title })
  if (path === undefined) {
    useHead({ meta: [{ name: 'robots', content: 'noindex' }] })
    return
  }
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
