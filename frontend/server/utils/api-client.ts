import { ApiAway } from './problems.ts'

/** Whom we ask for: handed on to the API for its limits, its session list and its log. */
export interface Caller {
  address: string | undefined
  userAgent: string | undefined
  requestId: string | undefined
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
  caller: Caller
  /** The same request twice does no harm: ask again when the connection is lost. */
  repeatable?: boolean
}

/** What the API answered, unread. */
export interface ApiAnswer {
  status: number
  contentType: string
  /** Of the headers, those that a browser should see. */
  headers: Record<string, string>
  text: string
}

/** Asks the API. @throws {ApiAway} when there is no answer. */
export type AskApi = (request: ApiRequest) => Promise<ApiAnswer>

/** No upstream call may hang a page. */
const TIMEOUT = 5000
/** What a browser learns of the API's headers. */
const PASSED_ON = ['retry-after', 'cache-control', 'x-accel-expires', 'allow']

/** A client for one API. Redirects are not followed: the API gives none. */
export function createApiClient(backendUrl: string, fetcher: typeof fetch = fetch): AskApi {
  async function once({ method = 'GET', path, body, token, caller }: ApiRequest): Promise<ApiAnswer> {
    const headers = new Headers({ accept: 'application/json' })
    if (body !== undefined) headers.set('content-type', 'application/json')
    if (token) headers.set('authorization', `Bearer ${token}`)
    if (caller.address) headers.set('x-forwarded-for', caller.address)
    if (caller.userAgent) headers.set('user-agent', caller.userAgent)
    if (caller.requestId) headers.set('x-request-id', caller.requestId)
    const response = await fetcher(backendUrl + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    })
    const passed = PASSED_ON.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'application/json; charset=utf-8',
      headers: Object.fromEntries(passed),
      text: await response.text(),
    }
  }

  return async (request) => {
    try {
      return await once(request)
    } catch (error) {
      // A kept connection that the API closed at the same moment looks like this; a timeout has cost enough already.
      const timedOut = error instanceof Error && error.name === 'TimeoutError'
      if (timedOut || !request.repeatable) throw new ApiAway()
    }
    try {
      return await once(request)
    } catch {
      throw new ApiAway()
    }
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
