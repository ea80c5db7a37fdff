import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { jsonOf } from '../utils/api-client.ts'
import { askApi, callerOf, sendProblem } from '../utils/bridge.ts'
import { log, loggableError } from '../utils/log.ts'
import { ApiAway, BridgeProblem } from '../utils/problems.ts'
import { getSettings } from '../utils/settings.ts'
import { siteMap, type ListedPage } from '../utils/site-map.ts'

/** The pages that search engines may list: the site's own, and those of timers whose owners want it. Read from the API as it is sent. */
export default defineEventHandler(async (event) => {
  const caller = callerOf(event)
  async function read(cursor: string | null): Promise<ListedPage> {
    const path = `/backend/shared${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`
    // A long list takes longer than one answer: each part has the patience of its own.
    const answer = await askApi({ path, caller: { ...caller, until: Date.now() + 5_000 }, repeatable: true })
    if (answer.status !== 200) throw new ApiAway()
    return jsonOf(answer) as ListedPage
  }
  if (event.method !== 'GET' && event.method !== 'HEAD')
    return sendProblem(event, new BridgeProblem('METHOD_NOT_ALLOWED', { allow: 'GET, HEAD' }))
  try {
    // Before anything is said: without an API there is no list, and an empty one would be a lie.
    const first = await read(null)
    setResponseHeaders(event, { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'no-cache' })
    if (event.method === 'HEAD') return null
    // Cut off in the middle, the connection ends too early for anybody to take it for all.
    await pipeline(Readable.from(siteMap(getSettings().siteUrl, first, read)), event.node.res).catch((error: unknown) => {
      log('warn', { reqId: caller.requestId, err: loggableError(error) }, 'the site map was cut off')
    })
    return undefined
  } catch (error) {
    if (error instanceof BridgeProblem) return sendProblem(event, error)
    throw error
  }
})
