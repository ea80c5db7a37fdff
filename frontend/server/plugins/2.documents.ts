import { contentSecurityPolicy } from '../utils/csp.ts'

/** What every HTML answer carries, error pages included. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('request', (event) => {
    // Nuxt marks its own request for the error page so; from outside it would switch that page off.
    if (!('__unenv__' in event.node.req)) delete event.node.req.headers['x-nuxt-error']
  })

  nitro.hooks.hook('render:html', (html, { event }) => {
    if (import.meta.dev) return // the development server injects scripts and styles of its own
    setResponseHeader(event, 'content-security-policy', contentSecurityPolicy(html))
  })

  nitro.hooks.hook('render:response', (response, { event }) => {
    delete response.headers?.['x-powered-by']
    if (!getResponseHeader(event, 'cache-control')) setResponseHeader(event, 'cache-control', 'no-cache')
  })
})
