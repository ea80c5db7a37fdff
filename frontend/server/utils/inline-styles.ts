import { hashOf } from './csp.ts'

/** The styles of one kind of page. */
interface StyleElement {
  tag: string
  /** As a content security policy names it. */
  hash: string
}

const LINK = /<link\b[^>]*\brel="stylesheet"[^>]*>/g
const HREF = /\bhref="([^"]+)"/
const elements = new Map<string, StyleElement>()
/** Pages of one build have a dozen combinations of stylesheets; should that ever change, the cache must not grow with it. */
const MAX_ELEMENTS = 100

function elementOf(addresses: string[], styles: ReadonlyMap<string, string>): StyleElement {
  const key = addresses.join(' ')
  let element = elements.get(key)
  if (!element) {
    const css = addresses.map((address) => styles.get(address)).join('\n')
    element = { tag: `<style>${css}</style>`, hash: hashOf(css) }
    if (elements.size >= MAX_ELEMENTS) elements.clear()
    elements.set(key, element)
  }
  return element
}

/**
 * A head whose stylesheets stand in it, so that the first paint waits for one answer, and for all of the styles. The links stay, disabled,
 * which no browser fetches: by them the loader of the parts of a page knows that it has these.
 * A stylesheet that is not of the build stays as it is.
 */
export function inlineStyles(head: string[], styles: ReadonlyMap<string, string>): { head: string[]; styleHashes: string[] } {
  const addressOf = (link: string) => HREF.exec(link)?.[1] ?? ''
  const addresses = head
    .flatMap((part) => part.match(LINK) ?? [])
    .map(addressOf)
    .filter((address) => styles.has(address))
  if (addresses.length === 0) return { head, styleHashes: [] }
  const { tag, hash } = elementOf(addresses, styles)
  let first = true
  const withStyles = (link: string) => {
    if (!styles.has(addressOf(link))) return link
    const disabled = link.replace('<link', '<link disabled')
    const before = first ? tag : ''
    first = false
    return before + disabled
  }
  return { head: head.map((part) => part.replace(LINK, withStyles)), styleHashes: [hash] }
}
