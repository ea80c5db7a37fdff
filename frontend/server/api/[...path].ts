import { defineBridgeRoute } from '../utils/bridge.ts'
import { BridgeProblem } from '../utils/problems.ts'

/** Everything else under `/api`: an answer for programs, not a page. */
export default defineBridgeRoute({ method: 'any', personal: false }, () => {
  throw new BridgeProblem('NOT_FOUND')
})
