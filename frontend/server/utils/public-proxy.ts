import { getRouterParam, setResponseHeader, type H3Event } from 'h3'
import { askApi, callerOf, passOn } from './bridge.ts'
import { BridgeProblem } from './problems.ts'

/** Passes a public question about a user on to the API. The slug is decoded and encoded anew, so no path can be smuggled in it. */
export async function askAboutUser(event: H3Event, what: 'incident-timer' | 'phrase'): Promise<string | null> {
  let slug: string
  try {
    slug = decodeURIComponent(getRouterParam(event, 'user_slug') ?? '')
  } catch {
    throw new BridgeProblem('NOT_FOUND')
  }
  // A dot segment would be resolved away and ask for something else.
  if (slug === '' || slug === '.' || slug === '..') throw new BridgeProblem('NOT_FOUND')
  const path = `/backend/${encodeURIComponent(slug)}/${what}`
  const answer = await askApi({ path, caller: callerOf(event), repeatable: true })
  // A former address leads on, by the way by which it was asked for.
  if (answer.location) setResponseHeader(event, 'location', answer.location.replace(/^\/backend/, '/api'))
  return passOn(event, answer)
}
