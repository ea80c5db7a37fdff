import { defineBridgeRoute, passOn, sessionOf } from '../utils/bridge.ts'
import { BridgeProblem } from '../utils/problems.ts'

/** GET: the incidents of the signed-in person's default timer, as the API lists them. */
export default defineBridgeRoute({ method: 'GET', personal: true }, async (event) => {
  const asked = await sessionOf(event).askAsOwner('/backend/incident-timers')
  if (!asked) throw new BridgeProblem('UNAUTHENTICATED')
  return passOn(event, asked.answer)
})
