import { createHash } from 'node:crypto'

/** Of a document, the parts that this server wrote, as opposed to the page between them, where other people's words stand. */
export interface DocumentParts {
  head: string[]
  bodyPrepend: string[]
  bodyAppend: string[]
}

const hashes = new Map<string, string>()
/** The inline scripts are the same for every page of a build; should that ever change, the cache must not grow with it. */
const MAX_HASHES = 50

/** What a policy names an inline script or style by. */
export function hashOf(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}

function keptHashOf(script: string): string {
  let hash = hashes.get(script)
  if (!hash) {
    hash = hashOf(script)
    if (hashes.size >= MAX_HASHES) hashes.clear()
    hashes.set(script, hash)
  }
  return hash
}

/** Types of inline script that are data and never run, so that no policy asks for their hash. */
const DATA = /^application\/(?:ld\+)?json$/

/** The inline scripts of a piece of HTML that a browser would run (import maps count). */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)].flatMap(([, attributes = '', content = '']) => {
    const type = /\btype="?([^"\s>]*)/i.exec(attributes)?.[1] ?? ''
    return /\bsrc\s*=/i.test(attributes) || DATA.test(type) || content === '' ? [] : [content]
  })
}

/**
 * The content security policy of one document. Inline scripts are let in by hash, and only those that the framework put into the
 * head or the end of the body: a script that got into the page itself is not, or the policy would bless an injection. Inline styles
 * are let in by the hashes given, which are those of the build.
 */
export function contentSecurityPolicy(document: DocumentParts, styleHashes: string[]): string {
  const scripts = [...document.head, ...document.bodyPrepend, ...document.bodyAppend].flatMap(inlineScripts)
  const hashed = [...new Set(scripts.map(keptHashOf))]
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashed].join(' ')}`,
    `style-src ${["'self'", ...styleHashes].join(' ')}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types vue',
  ].join('; ')
}

/** For an answer that should be no document at all. */
export const CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'"
