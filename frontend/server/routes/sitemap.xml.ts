import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ListedTimers } from '@kennwilliamson/contracts/sharing'
import { jsonOf } from '../utils/api-client.ts'
import { askApi, callerOf, defineBridgeRoute } from '../utils/bridge.ts'
import { log, loggableError } from '../utils/log.ts'
import { ApiAway } from '../utils/problems.ts'
import { getSettings } from '../utils/settings.ts'
import { siteMap } from '../utils/site-map.ts'

/** GET: the pages that search engines may list, the site's own and those of timers whose owners want it. Read from the API as it is sent. */
export default defineBridgeRoute({ method: 'GET', personal: false }, async (event) => {
  const caller = callerOf(event)
  async function read(cursor: string | null): Promise<ListedTimers> {
    const path = `/backend/shared${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`
    // A long list takes longer than one answer: each part has the patience of its own.
    const answer = await askApi({ path, caller: { ...caller, until: Date.now() + 5_000 }, repeatable: true })
    if (answer.status !== 200) throw new ApiAway()
    return jsonOf(answer) as ListedTimers
  }
  // Before anything is said: without an API there is no list, and an empty one would be a lie.
  const first = await read(null)
  setResponseHeaders(event, { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'no-cache' })
  if (event.method === 'HEAD') return null
  // Cut off in the middle, the connection ends too early for anybody to take it for all.
  await pipeline(Readable.from(siteMap(getSettings().siteUrl, first, read)), event.node.res).catch((error: unknown) => {
    log('warn', { reqId: caller.requestId, err: loggableError(error) }, 'the site map was cut off')
  })
  return null
})
