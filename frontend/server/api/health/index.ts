import { version } from '../../../package.json'
import { defineBridgeRoute, sendJson } from '../../utils/bridge.ts'

/** GET: this process answers. Asks nobody. */
export default defineBridgeRoute({ method: 'GET', personal: false }, (event) => {
  setResponseHeader(event, 'cache-control', 'no-store')
  return sendJson(event, { status: 'healthy', service: 'frontend', version })
})
