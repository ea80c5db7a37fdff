import { createAddresses, type Addresses } from './api-addresses.ts'
import { NoAnswer, openConnections, type Send, type WireAnswer, type WireRequest } from './api-connection.ts'
import { deviceStatementOf } from './known-device.ts'
import { ApiAway } from './problems.ts'

/** Whom we ask for: handed on to the API for its limits, its session list and its log. */
export interface Caller {
  address: string | undefined
  userAgent: string | undefined
  requestId: string | undefined
  /** When whoever waits for all of this gives up, in epoch milliseconds: one page may need several answers. */
  until?: number
}

/** One request to the API. */
export interface ApiRequest {
  method?: 'GET' | 'POST'
  /** Below the API's origin, `/backend/…`, with every segment encoded. */
  path: string
  /** A JSON text. */
  body?: string
  /** An access token, for the routes that want one. */
  token?: string
  /** What the API has said of this browser before, for signing in. */
  device?: string | undefined
  caller: Caller
  /** The same request twice does no harm: ask another instance when one does not answer. */
  repeatable?: boolean
}

/** What the API answered, unread. */
export interface ApiAnswer {
  status: number
  contentType: string
  /** Of the headers, those that a browser should see. */
  headers: Record<string, string>
  /** What the API says of this browser to this server, when somebody has signed in. */
  device?: string | undefined
  /** Where the same is to be had now: an address of the API, with its origin left out. */
  location?: string | undefined
  text: string
}

/** Asks the API. @throws {ApiAway} when there is no answer. */
export type AskApi = (request: ApiRequest) => Promise<ApiAnswer>

/** No upstream call may hang a page. */
const TIMEOUT = 5_000
/** An instance that says nothing for this long may be stopped: another one is asked, where there is one. */
const TRY = 2_000
/** Instances asked for one answer. */
const TRIES = 3
/** What a browser learns of the API's headers. */
const PASSED_ON = ['retry-after', 'cache-control', 'x-accel-expires', 'allow'] as const

interface ClientParts {
  addresses?: Addresses
  send?: Send
}

/**
 * A client for one API, which may be several instances behind one name: what is lost with one of them is asked of the next, on a
 * new connection. A request that may not be repeated goes on a new connection from the start, and is sent again only when none was
 * made, so that it is never done twice. Redirects are not followed but handed on: whoever asked has an address of their own to mend.
 */
export function createApiClient(backendUrl: string, parts: ClientParts = {}): AskApi {
  const origin = new URL(backendUrl)
  const { addresses = createAddresses(origin.hostname), send = openConnections(origin) } = parts

  return async (request) => {
    const until = Math.min(Date.now() + TIMEOUT, request.caller.until ?? Infinity)
    const known = await addresses.inTurn().catch(() => [])
    // A lone instance is asked once more after a lost connection: it may just have closed the one that was kept.
    const order = (known.length === 1 ? [...known, ...known] : known).slice(0, TRIES)
    const wire = wireRequestOf(request, origin)
    for (const [index, address] of order.entries()) {
      const left = until - Date.now()
      if (left <= 0) break
      const isLast = index === order.length - 1
      const patience = request.repeatable && known.length > 1 && !isLast ? Math.min(TRY, left) : left
      try {
        return answerOf(await send(wire, { address, patience, fresh: !request.repeatable || index > 0 }))
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        addresses.failed(address)
        if (error.sent && !request.repeatable) break
        if (error.late && known.length === 1) break
      }
    }
    throw new ApiAway()
  }
}

function wireRequestOf({ method = 'GET', path, body, token, device, caller }: ApiRequest, origin: URL): WireRequest {
  const { pathname, search } = new URL(origin.origin + path)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (token) headers['authorization'] = `Bearer ${token}`
  if (device) headers['x-device-token'] = device
  if (caller.address) headers['x-forwarded-for'] = caller.address
  if (caller.userAgent) headers['user-agent'] = caller.userAgent
  if (caller.requestId) headers['x-request-id'] = caller.requestId
  return { method, path: pathname + search, headers, body }
}

function answerOf({ status, headers, text }: WireAnswer): ApiAnswer {
  const passed = PASSED_ON.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return {
    status,
    contentType: headers['content-type'] ?? 'application/json; charset=utf-8',
    headers: Object.fromEntries(passed),
    device: deviceStatementOf(headers['x-device-token']),
    location: status === 307 && headers.location?.startsWith('/backend/') ? headers.location : undefined,
    text,
  }
}

/** The JSON of an answer, or null when it is none. */
export function jsonOf(answer: ApiAnswer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch {
    return null
  }
}
