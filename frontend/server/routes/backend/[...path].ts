import { getRequestHeader, proxyRequest } from 'h3'
import { callerOf, sendProblem } from '../../utils/bridge.ts'
import { ApiAway, BridgeProblem } from '../../utils/problems.ts'
import { getSettings } from '../../utils/settings.ts'

/** Headers by which a proxy speaks. From outside they are lies; what is true is set below. */
const FORGED = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'forwarded',
  'x-request-id',
]

/**
 * With nothing in front, this server hands the API's addresses on as nginx would. Behind nginx they never come here, and nobody is
 * let in by this way.
 */
export default defineEventHandler(async (event) => {
  const { edge, backendUrl } = getSettings()
  if (edge !== 'none') return sendProblem(event, new BridgeProblem('NOT_FOUND'))
  for (const name of FORGED) Reflect.deleteProperty(event.node.req.headers, name)
  const { address, requestId } = callerOf(event)
  // What the browser asked for: the API compares it with where a request says it comes from.
  const host = getRequestHeader(event, 'host')
  try {
    return await proxyRequest(event, backendUrl + event.path, {
      streamRequest: true,
      fetchOptions: { redirect: 'manual' },
      headers: {
        'x-from-outside': '1',
        ...(host ? { 'x-forwarded-host': host } : {}),
        ...(address ? { 'x-forwarded-for': address } : {}),
        ...(requestId ? { 'x-request-id': requestId } : {}),
      },
    })
  } catch {
    return sendProblem(event, new ApiAway())
  }
})
