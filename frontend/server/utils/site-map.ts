import type { ListedTimers } from '@kennwilliamson/contracts/sharing'

/** What the protocol allows in one file. */
const MAX_ADDRESSES = 50_000
/** The site's own pages that say something to a stranger. */
const OWN = ['/', '/about']

/**
 * A site map (sitemaps.org) in parts of text. `lastmod` is when the count began: what every visitor sees of a timer, and nothing more.
 * Throws what `read` throws, in the middle of the text: half a list must not look like a whole one.
 */
export async function* siteMap(
  siteUrl: string,
  first: ListedTimers,
  read: (cursor: string) => Promise<ListedTimers>,
): AsyncGenerator<string> {
  const own = OWN.map((path) => `<url><loc>${siteUrl}${path}</loc></url>\n`).join('')
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${own}`
  let left = MAX_ADDRESSES - OWN.length
  let page = first
  while (true) {
    yield page.timers
      .slice(0, left)
      .map(({ user_slug, timer_slug, since }) => {
        // Percent-encoded, so no character of XML is left in it.
        const path = `/${encodeURIComponent(user_slug)}/${encodeURIComponent(timer_slug)}`
        return `<url><loc>${siteUrl}${path}</loc><lastmod>${since}</lastmod></url>\n`
      })
      .join('')
    left -= page.timers.length
    if (page.next_cursor === null || left <= 0) break
    page = await read(page.next_cursor)
  }
  yield '</urlset>\n'
}
