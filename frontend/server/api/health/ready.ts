import { version } from '../../../package.json'
import { defineBridgeRoute, sendJson } from '../../utils/bridge.ts'
import { isDraining } from '../../utils/drain.ts'

/** GET: this process wants more requests; 503 from the moment it is told to stop. Asks nobody: pages are shown without an API too. */
export default defineBridgeRoute({ method: 'GET', personal: false }, (event) => {
  setResponseHeader(event, 'cache-control', 'no-store')
  if (!isDraining()) return sendJson(event, { status: 'healthy', service: 'frontend', version })
  setResponseStatus(event, 503)
  setResponseHeader(event, 'retry-after', 2)
  return sendJson(event, { status: 'unhealthy', service: 'frontend', version })
})
