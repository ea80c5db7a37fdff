const PART = /<link\b[^>]*\brel="modulepreload"[^>]*>/g
const ENTRY = /<script type="module" src="([^"]+)"[^>]*><\/script>/
const HREF = /\bhref="([^"]+)"/
/** How long a page that does not say when it was painted waits for its scripts. */
const AT_LATEST_MS = 2_000

/** What asks for the scripts once something is on the screen: at once where nobody is looking, since what is not seen is not painted. */
function starter(entry: string, parts: string[]): string {
  return `let begun = false
const begin = () => {
  if (begun) return
  begun = true
  for (const href of ${JSON.stringify(parts)}) {
    const link = document.createElement('link')
    link.rel = 'modulepreload'
    link.crossOrigin = ''
    link.href = href
    document.head.append(link)
  }
  import(${JSON.stringify(entry)})
}
if (document.hidden) begin()
else {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName('first-contentful-paint').length > 0) begin()
  }).observe({ type: 'paint', buffered: true })
  setTimeout(begin, ${String(AT_LATEST_MS)})
}`
}

/**
 * A head whose scripts begin after the first paint: on a slow line the fonts have it for themselves until then, and a slow processor
 * draws before it runs what only makes the page live. It is a module, so that it runs once the document is whole.
 * A head without scripts stays as it is.
 */
export function lateScripts(head: string[]): string[] {
  const entry = head.map((part) => ENTRY.exec(part)?.[1]).find((address) => address !== undefined)
  if (entry === undefined) return head
  const parts = head.flatMap((part) => part.match(PART) ?? []).map((link) => HREF.exec(link)?.[1] ?? '')
  const script = `<script type="module">${starter(entry, parts)}</script>`
  return head.map((part) => part.replace(PART, '').replace(ENTRY, () => script))
}
