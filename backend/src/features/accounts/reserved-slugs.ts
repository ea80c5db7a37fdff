/**
 * Names no user may take: the first path segment of every page and route, what a browser or a crawler asks for by itself,
 * and names kept for what may come.
 */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set(
  `api backend auth account admin health incidents incident-timers timers phrases phrase shared public protected webhooks
  s login logout register settings about claim reset docs openapi metrics live status help blog feed feeds search terms
  privacy system www assets static _nuxt
  gallery sitemap robots favicon icons fonts images manifest well-known offline error me new home index import export`.split(
    /\s+/,
  ),
)
