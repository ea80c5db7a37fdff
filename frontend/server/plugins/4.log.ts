import { log } from '../utils/log.ts'
import { logAnswer, requestLogOf } from '../utils/request-log.ts'

/** One line for each request, in production: while developing, Vite asks for hundreds of files. */
export default defineNitroPlugin((nitro) => {
  if (import.meta.dev) return
  nitro.hooks.hook('request', (event) => {
    // Nuxt's own request for the error page belongs to the request that it answers.
    if ('__unenv__' in event.node.req) return
    requestLogOf(event)
    event.node.res.once('close', () => logAnswer(log, event))
  })
})
