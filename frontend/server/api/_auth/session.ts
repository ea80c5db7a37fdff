import { jsonOf } from '../../utils/api-client.ts'
import { defineBridgeRoute, passOn, sendJson, sessionOf } from '../../utils/bridge.ts'

/** GET: who is signed in → `{user}`, or `{}` for nobody. Never a token. */
export default defineBridgeRoute({ method: 'GET', personal: true }, async (event) => {
  const asked = await sessionOf(event).askAsOwner('/backend/auth/me')
  if (!asked) return sendJson(event, {})
  return asked.answer.status === 200 ? sendJson(event, { user: jsonOf(asked.answer) }) : passOn(event, asked.answer)
})
