import { defineBridgeRoute } from '../../utils/bridge.ts'
import { signInThrough } from '../../utils/sign-in.ts'

/** POST: `{email, password}` → `{success: true}` and the session cookie; refusals as the API words them. */
export default defineBridgeRoute({ method: 'POST', personal: true }, (event) => signInThrough(event, '/backend/auth/login'))
