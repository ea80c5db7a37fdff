import { defineBridgeRoute, passOn, sendJson, sessionOf } from '../../utils/bridge.ts'
import { BridgeProblem } from '../../utils/problems.ts'
import { tokenExpiry } from '../../utils/session-seal.ts'

/**
 * GET: a short-lived access token for the page's own calls → `{token, expiresAt}`, `expiresAt` in milliseconds since the epoch. The
 * API is asked whether the session still lives; 401 when not, 503 when it does not say.
 */
export default defineBridgeRoute({ method: 'GET', personal: true }, async (event) => {
  const asked = await sessionOf(event).askAsOwner('/backend/auth/me')
  if (!asked) throw new BridgeProblem('UNAUTHENTICATED')
  if (asked.answer.status !== 200) return passOn(event, asked.answer)
  const { token } = asked.tokens
  return sendJson(event, { token, expiresAt: tokenExpiry(token) })
})
