import { defineBridgeRoute } from '../../utils/bridge.ts'
import { signInThrough } from '../../utils/sign-in.ts'

/** POST: what the API's register takes → `{success: true}` and the session cookie; refusals as the API words them. */
export default defineBridgeRoute({ method: 'POST', personal: true }, (event) => signInThrough(event, '/backend/auth/register'))
