import { toValue, useHead, useRuntimeConfig, useSite, type MaybeRefOrGetter } from '#imports'

/** What a page says of itself to search engines and to whoever previews a link to it. */
export interface PageMeta {
  title: MaybeRefOrGetter<string>
  description?: MaybeRefOrGetter<string>
  /** The one path of this page. Without it the page has no business in a search engine. */
  path?: string
  /** The title of a link preview, where it says more than the page's own. */
  previewTitle?: MaybeRefOrGetter<string>
  /** The path of a picture for it, 1200 by 630 pixels. */
  picture?: string
}

/** Sets title, description, canonical address and the preview of links. */
export function usePageMeta({ title, description, path, previewTitle = title, picture }: PageMeta): void {
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
      ...(picture === undefined ? [] : pictureTags(site.value.origin + picture)),
    ],
  })
}

function pictureTags(url: string) {
  const og = { image: url, 'image:type': 'image/png', 'image:width': '1200', 'image:height': '630' }
  return [
    ...Object.entries(og).map(([name, content]) => ({ property: `og:${name}`, content })),
    { name: 'twitter:card', content: 'summary_large_image' },
  ]
}
