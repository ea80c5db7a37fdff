import { removeSession, defineBridgeRoute, forgetStored, sendJson, sessionOf } from '../../utils/bridge.ts'
import { revoke } from '../../utils/sign-in.ts'

/** POST: ends the session, here and at the API → `{success: true}`, also when there was none or the API is away. */
export default defineBridgeRoute({ method: 'POST', personal: true }, async (event) => {
  const tokens = await sessionOf(event).peek()
  if (tokens) {
    await revoke(event, tokens.refresh_token)
    removeSession(event)
  }
  forgetStored(event)
  return sendJson(event, { success: true })
})
