import { defineBridgeRoute, sendJson, sessionOf } from '../../utils/bridge.ts'
import { BridgeProblem } from '../../utils/problems.ts'

/** POST: exchanges the session's tokens → `{success: true}` and a cookie whose time runs anew; 401 when the session has ended. */
export default defineBridgeRoute({ method: 'POST', personal: true }, async (event) => {
  if (!(await sessionOf(event).renew())) throw new BridgeProblem('UNAUTHENTICATED')
  return sendJson(event, { success: true })
})
