import { getQuery, type H3Event } from 'h3'
import { pageStyles } from '#page-styles'
import { contentSecurityPolicy } from '../utils/csp.ts'
import { inlineStyles } from '../utils/inline-styles.ts'
import { lateScripts } from '../utils/late-scripts.ts'

/** Whether an answer belongs to a secret link; the error page is asked for at an address of its own, which names the one it is for. */
function isSecret(event: H3Event): boolean {
  const asked = '__unenv__' in event.node.req ? String(getQuery(event).url ?? event.path) : event.path
  return /^\/+s(?:\/|$)/i.test(asked)
}

/** The address is a password: nothing may keep the answer, index it, or tell another site where somebody came from. */
function guardSecret(event: H3Event): void {
  if (!isSecret(event)) return
  setResponseHeaders(event, {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  })
}

/** What every HTML answer carries, error pages included. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('request', (event) => {
    // Nuxt marks its own request for the error page so; from outside it would switch that page off.
    if (!('__unenv__' in event.node.req)) delete event.node.req.headers['x-nuxt-error']
    guardSecret(event)
  })

  nitro.hooks.hook('render:html', (html, { event }) => {
    if (import.meta.dev) return // the development server injects scripts and styles of its own
    html.head = lateScripts(html.head)
    const { head, styleHashes } = inlineStyles(html.head, pageStyles)
    setResponseHeader(event, 'content-security-policy', contentSecurityPolicy(html, styleHashes))
    html.head = head
  })

  nitro.hooks.hook('render:response', (response, { event }) => {
    delete response.headers?.['x-powered-by']
    guardSecret(event)
    if (!getResponseHeader(event, 'cache-control')) setResponseHeader(event, 'cache-control', 'no-cache')
  })
})
