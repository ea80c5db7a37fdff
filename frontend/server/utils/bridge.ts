import {
  appendResponseHeader,
  defineEventHandler,
  getCookie,
  getRequestHeader,
  getRequestIP,
  setCookie,
  setResponseHeader,
  setResponseHeaders,
  setResponseStatus,
  type H3Event,
} from 'h3'
import { createApiClient, type ApiAnswer, type AskApi, type Caller } from './api-client.ts'
import { createBridgeSession, type BridgeSession } from './bridge-session.ts'
import { isCrossSite } from './cross-site.ts'
import { DEVICE_COOKIE, DEVICE_SECONDS, deviceStatementOf } from './known-device.ts'
import { BridgeProblem, problemOf } from './problems.ts'
import { requestLogOf } from './request-log.ts'
import { readBoundedText } from './read-bounded-text.ts'
import { createRefresh, type Refresh } from './refresh.ts'
import { sealTokens, SESSION_COOKIE, unsealTokens, type SessionTokens } from './session-seal.ts'
import { getSettings } from './settings.ts'

let client: AskApi | undefined
let refresh: Refresh | undefined

/** Asks the API this process is set up for. */
export const askApi: AskApi = (request) => {
  client ??= createApiClient(getSettings().backendUrl)
  return client(request)
}

/** All that one request of a browser asks of the API takes no longer than this, in milliseconds. */
const PATIENCE = 5_500

/** Who asks. Behind nginx its word counts; with nothing in front only the socket's. */
export function callerOf(event: H3Event): Caller {
  const direct = getSettings().edge === 'none'
  const { requestId, began } = requestLogOf(event)
  return {
    address: (direct ? undefined : getRequestHeader(event, 'x-forwarded-for')) ?? getRequestIP(event),
    userAgent: getRequestHeader(event, 'user-agent')?.slice(0, 256),
    requestId,
    until: began + PATIENCE,
  }
}

const cookieOptions = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const

/** Replaces the session: the cookie holds these tokens and nothing of what was there, and its time runs anew. */
export async function writeSession(event: H3Event, tokens: SessionTokens): Promise<void> {
  const { sessionPassword, sessionSeconds } = getSettings()
  const sealed = await sealTokens(tokens, sessionPassword, sessionSeconds)
  setCookie(event, SESSION_COOKIE, sealed, { ...cookieOptions, maxAge: sessionSeconds })
}

/** Takes the session cookie away. */
export function removeSession(event: H3Event): void {
  setCookie(event, SESSION_COOKIE, '', { ...cookieOptions, maxAge: 0 })
}

/** What the API has said of this browser before; it is no session. */
export function deviceOf(event: H3Event): string | undefined {
  return deviceStatementOf(getCookie(event, DEVICE_COOKIE))
}

/** Keeps what the API says of this browser, also when the session ends. */
export function rememberDevice(event: H3Event, statement: string): void {
  setCookie(event, DEVICE_COOKIE, statement, { ...cookieOptions, maxAge: DEVICE_SECONDS })
}

const sessions = new WeakMap<H3Event, BridgeSession>()

/** The session of a request. Whoever asks for it makes the answer private. */
export function sessionOf(event: H3Event): BridgeSession {
  setResponseHeader(event, 'cache-control', 'no-store')
  let session = sessions.get(event)
  if (!session) {
    refresh ??= createRefresh(askApi)
    session = createBridgeSession({
      cookie: getCookie(event, SESSION_COOKIE),
      caller: callerOf(event),
      unseal: (sealed) => unsealTokens(sealed, getSettings().sessionPassword),
      refresh,
      ask: askApi,
      write: (tokens) => writeSession(event, tokens),
      clear: () => removeSession(event),
    })
    sessions.set(event, session)
  }
  return session
}

/** The JSON text of a request. @throws {BridgeProblem} for another type, too much of it, or too slow. */
export async function readJsonText(event: H3Event): Promise<string> {
  const type = getRequestHeader(event, 'content-type') ?? ''
  if (!/^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type)) throw new BridgeProblem('UNSUPPORTED_MEDIA_TYPE')
  return readBoundedText(event.node.req)
}

/** Answers with a problem document. */
export function sendProblem(event: H3Event, problem: BridgeProblem): string {
  const document = problemOf(problem.code)
  setResponseStatus(event, document.status)
  setResponseHeaders(event, { 'content-type': 'application/problem+json; charset=utf-8', ...problem.headers })
  if (!event.node.res.hasHeader('cache-control')) setResponseHeader(event, 'cache-control', 'no-store')
  return JSON.stringify(document)
}

/** Answers with what the API said: its status, its words, and when to come back. */
export function passOn(event: H3Event, answer: ApiAnswer): string | null {
  setResponseStatus(event, answer.status)
  const { 'cache-control': cacheControl = 'no-store', ...headers } = answer.headers
  setResponseHeaders(event, { ...headers, 'content-type': answer.contentType })
  // The session's word on privacy stands above the API's on this one answer.
  if (!event.node.res.hasHeader('cache-control')) setResponseHeader(event, 'cache-control', cacheControl)
  return answer.status === 204 ? null : answer.text
}

/** Answers with JSON. */
export function sendJson(event: H3Event, value: unknown): string {
  setResponseHeader(event, 'content-type', 'application/json; charset=utf-8')
  return JSON.stringify(value)
}

interface BridgeRoute {
  method: 'GET' | 'POST' | 'any'
  /** The answer tells about the person signed in, or changes what they have: never stored, never given to another site. */
  personal: boolean
}

/**
 * Defines a route under `/api`. The guards that each of them needs are here, so none can forget one: the method, requests of other
 * sites, privacy of the answer, and problems instead of stack traces.
 */
export function defineBridgeRoute(route: BridgeRoute, handler: (event: H3Event) => Promise<string | null> | string | null) {
  return defineEventHandler(async (event) => {
    try {
      if (route.personal) setResponseHeader(event, 'cache-control', 'no-store')
      const crossSite = isCrossSite({
        method: event.method,
        fetchSite: getRequestHeader(event, 'sec-fetch-site'),
        origin: getRequestHeader(event, 'origin'),
        asked: askedOrigin(event),
        siteUrl: getSettings().siteUrl,
        personal: route.personal,
      })
      if (crossSite) throw new BridgeProblem('CROSS_SITE_REQUEST')
      const method = event.method === 'HEAD' ? 'GET' : event.method
      if (route.method !== 'any' && method !== route.method) {
        throw new BridgeProblem('METHOD_NOT_ALLOWED', { allow: route.method === 'GET' ? 'GET, HEAD' : route.method })
      }
      return await handler(event)
    } catch (error) {
      if (error instanceof BridgeProblem) return sendProblem(event, error)
      throw error
    }
  })
}

/** Where people sent the request to: behind nginx what it hands on. */
function askedOrigin(event: H3Event): string | undefined {
  const behindNginx = getSettings().edge === 'nginx'
  const host = (behindNginx ? getRequestHeader(event, 'x-forwarded-host') : undefined) ?? getRequestHeader(event, 'host')
  const scheme = behindNginx ? getRequestHeader(event, 'x-forwarded-proto') : 'http'
  return URL.parse(`${scheme}://${host}`)?.origin
}

/** Tells the browser to forget what it stored of this site. Cookies are left: those of the host's other sites would go too. */
export function forgetStored(event: H3Event): void {
  appendResponseHeader(event, 'clear-site-data', '"cache", "storage"')
}
