import { defineBridgeRoute } from '../../utils/bridge.ts'
import { askAboutUser } from '../../utils/public-proxy.ts'

/** GET: a phrase for the public page of a user. The same for everyone, so the session is not looked at. */
export default defineBridgeRoute({ method: 'GET', personal: false }, (event) => askAboutUser(event, 'phrase'))
