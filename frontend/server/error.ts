import { STATUS_CODES } from 'node:http'
import type { NitroErrorHandler } from 'nitropack/types'
import { send, setResponseHeader } from 'h3'
import { sendProblem } from './utils/bridge.ts'
import { CLOSED_POLICY } from './utils/csp.ts'
import { log, loggableError } from './utils/log.ts'
import { BridgeProblem } from './utils/problems.ts'
import { loggablePath, requestLogOf } from './utils/request-log.ts'

/**
 * What no route caught. Programs get a problem document; for people Nuxt's own handler goes on to render the error page, whatever
 * the request says it accepts, so that an address answers alike to everybody.
 */
const handleError: NitroErrorHandler = async (error, event) => {
  const status = error.statusCode || 500
  // Pages out of reach are told by the API's own log; anything else above 500 is a mistake of ours.
  if (status >= 500 && status !== 503) {
    const cause = error.cause instanceof Error ? error.cause : error
    const { requestId } = requestLogOf(event)
    log(
      'error',
      { reqId: requestId, method: event.method, path: loggablePath(event.path), err: loggableError(cause) },
      'request failed',
    )
  }
  if (/^\/(?:api|backend)(?:\/|$)/.test(event.path)) {
    await send(event, sendProblem(event, new BridgeProblem(status === 404 ? 'NOT_FOUND' : 'INTERNAL')))
    return
  }
  // Asked for by its own address, the error page is like any page that is not there.
  if (event.path.startsWith('/__nuxt_error') && !('__unenv__' in event.node.req)) event._path = '/'
  // The page gets the status and its name. What broke is for the log: messages carry names of files, hosts and columns.
  error.message = error.statusMessage = STATUS_CODES[status] ?? 'Error'
  error.data = undefined
  error.unhandled = error.fatal = false
  // Stands only if the error page cannot be rendered, which brings its own.
  setResponseHeader(event, 'content-security-policy', CLOSED_POLICY)
  event.node.req.headers.accept = 'text/html'
}

export default handleError
