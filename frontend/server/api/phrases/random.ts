import { defineBridgeRoute, passOn, sessionOf } from '../../utils/bridge.ts'
import { BridgeProblem } from '../../utils/problems.ts'

/** GET: a phrase for the signed-in person, as the API chooses it. */
export default defineBridgeRoute({ method: 'GET', personal: true }, async (event) => {
  const asked = await sessionOf(event).askAsOwner('/backend/phrases/random')
  if (!asked) throw new BridgeProblem('UNAUTHENTICATED')
  return passOn(event, asked.answer)
})
