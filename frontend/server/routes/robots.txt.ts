import { getSettings } from '../utils/settings.ts'

/** What programs that read sites may read, and where the list of pages is. What shall not be listed says so itself, so it must be read. */
export default defineEventHandler((event) => {
  setResponseHeaders(event, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=3600' })
  const closed = ['/api/', '/backend/', '/incidents'].map((path) => `Disallow: ${path}\n`)
  return `User-agent: *\n${closed.join('')}\nSitemap: ${getSettings().siteUrl}/sitemap.xml\n`
})
