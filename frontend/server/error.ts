import type { NitroErrorHandler } from 'nitropack/types'
import { send, setResponseHeader } from 'h3'
import { sendProblem } from './utils/bridge.ts'
import { CLOSED_POLICY } from './utils/csp.ts'
import { BridgeProblem } from './utils/problems.ts'

/**
 * What no route caught. Programs get a problem document; for people Nuxt's own handler goes on to render the error page, whatever
 * the request says it accepts, so that an address answers alike to everybody.
 */
const handleError: NitroErrorHandler = async (error, event) => {
  if (/^\/(?:api|backend)(?:\/|$)/.test(event.path)) {
    if (error.unhandled) process.stderr.write(`${error.stack ?? error.message}\n`)
    await send(event, sendProblem(event, new BridgeProblem(error.statusCode === 404 ? 'NOT_FOUND' : 'INTERNAL')))
    return
  }
  // Stands only if the error page cannot be rendered, which brings its own.
  setResponseHeader(event, 'content-security-policy', CLOSED_POLICY)
  event.node.req.headers.accept = 'text/html'
}

export default handleError
