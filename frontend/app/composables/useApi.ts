import { useNuxtApp, useRequestEvent } from '#imports'
import { apiErrorOf, Moved, somebodyElse, unreachable } from '~/utils/api-error'
import { fileNameOf } from '~/utils/file-name'

/** How a request is made, where it differs from the usual. */
export interface RequestOptions {
  /** Anybody may ask: no session is looked at and no token sent. */
  anonymous?: boolean
  /** Names one wish of the user, so that asking twice creates once. */
  idempotencyKey?: string
  /** Asking a second time would not be answered like the first: not sent again when the connection was lost. */
  once?: boolean
  /** The `updated_at` that was seen: refused with STALE when it is another by now. */
  ifMatch?: string
}

/** A file to be sent as it is. */
export interface Upload {
  type: 'text/csv' | 'application/json'
  text: string
}

/** A file that the API made, and the name that it gave it. */
export interface Download {
  file: Blob
  name: string
}

/**
 * The API below `/backend`, for pages and composables. Everything that is no success is thrown as an `ApiError`, an answer from another
 * address than the one asked for as `Moved`.
 */
export interface Api {
  get: <T>(path: string, options?: RequestOptions) => Promise<T>
  post: <T>(path: string, body: unknown, options?: RequestOptions) => Promise<T>
  put: <T>(path: string, body: unknown, options?: RequestOptions) => Promise<T>
  patch: <T>(path: string, body: unknown, options?: RequestOptions) => Promise<T>
  /** Sends a file; it may be long, so it is waited for longer. */
  upload: <T>(path: string, file: Upload, options?: RequestOptions) => Promise<T>
  delete: (path: string, options?: RequestOptions & { body?: unknown }) => Promise<void>
  download: (path: string) => Promise<Download>
  /** Has an access token at hand before the first wish, so that the wish leaves the browser at once. Never fails. */
  prepare: () => Promise<void>
  /** Says whose page is shown, null for nobody's: from then on nothing is asked in the name of anybody else. */
  actAs: (userId: string | null) => void
}

type SendOptions = RequestOptions & { timeout?: number; file?: Upload }

/** Gives an access token that is good for a while, or a new one when the last was refused. Null when nobody is signed in. */
export type AccessToken = (refused?: string) => Promise<string | null>

/** The user whom an access token (RFC 7519) speaks for; null when it cannot be read. Only the API can tell whether it is genuine. */
function subjectOf(token: string): string | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const { sub } = JSON.parse(atob(payload)) as { sub?: unknown }
    return typeof sub === 'string' ? sub : null
  } catch {
    return null
  }
}

const TIMEOUT = 15_000
/** A file may be long, and the line slow. */
const FILE_TIMEOUT = 120_000

/** The API as a browser asks it: straight to `/backend`, with an access token from memory. */
export function createBrowserApi(fetcher: typeof fetch, accessToken: AccessToken): Api {
  let owner: string | null = null

  /** All tabs share one session, so the next token may be of whoever signed in last: what stands on this page is not theirs. */
  async function ownToken(refused?: string): Promise<string | null> {
    const token = await accessToken(refused)
    if (token === null) return null
    const subject = subjectOf(token)
    if (owner !== null && subject !== owner) throw somebodyElse()
    if (refused !== undefined && subject !== subjectOf(refused)) throw somebodyElse()
    return token
  }

  async function send(
    method: string,
    path: string,
    body: unknown,
    options: SendOptions,
    token: string | null,
  ): Promise<Response> {
    const headers = new Headers({ accept: 'application/json' })
    const content = options.file?.text ?? (body === undefined ? undefined : JSON.stringify(body))
    if (content !== undefined) headers.set('content-type', options.file?.type ?? 'application/json')
    if (options.ifMatch) headers.set('if-match', `"${options.ifMatch}"`)
    if (options.idempotencyKey) headers.set('idempotency-key', options.idempotencyKey)
    if (token) headers.set('authorization', `Bearer ${token}`)
    return fetcher(`/backend${path}`, {
      method,
      headers,
      ...(content === undefined ? {} : { body: content }),
      // A change that was seen on the page must arrive although the page is left at once. A browser keeps no file alive (64 KiB).
      keepalive: method !== 'GET' && !options.file,
      signal: AbortSignal.timeout(options.timeout ?? TIMEOUT),
    })
  }

  /** What harms nobody when it arrives twice is sent again once: a connection lost on the way is common on a phone. */
  async function sendPatiently(...request: Parameters<typeof send>): Promise<Response> {
    const [method, , , options] = request
    try {
      return await send(...request)
    } catch {
      if (options.once || (method === 'POST' && !options.idempotencyKey)) throw unreachable()
    }
    return send(...request).catch(() => {
      throw unreachable()
    })
  }

  /** An answer that is a success, unread. */
  async function ask(method: string, path: string, body: unknown, options: SendOptions): Promise<Response> {
    let token = options.anonymous ? null : await ownToken()
    let response = await sendPatiently(method, path, body, options, token)
    if (response.status === 401 && token) {
      token = await ownToken(token)
      if (token) response = await sendPatiently(method, path, body, options, token)
    }
    if (!response.ok) {
      const answer: unknown = await response.json().catch(() => null)
      throw apiErrorOf(response.status, answer, response.headers.get('retry-after'))
    }
    if (response.redirected) throw new Moved(new URL(response.url).pathname.replace(/^\/backend/, ''))
    return response
  }

  async function request<T>(method: string, path: string, body: unknown, options: SendOptions = {}): Promise<T> {
    const response = await ask(method, path, body, options)
    return (response.status === 204 ? null : await response.json().catch(() => null)) as T
  }

  return {
    get: (path, options) => request('GET', path, undefined, options),
    post: (path, body, options) => request('POST', path, body, options),
    put: (path, body, options) => request('PUT', path, body, options),
    patch: (path, body, options) => request('PATCH', path, body, options),
    upload: (path, file, options) => request('POST', path, undefined, { ...options, file, timeout: FILE_TIMEOUT }),
    delete: (path, { body, ...options } = {}) => request('DELETE', path, body, options),
    async download(path) {
      const response = await ask('GET', path, undefined, { timeout: FILE_TIMEOUT })
      const file = await response.blob().catch(() => {
        throw unreachable()
      })
      return { file, name: fileNameOf(response.headers.get('content-disposition')) }
    },
    prepare: () =>
      accessToken().then(
        () => undefined,
        () => undefined,
      ),
    actAs: (userId) => {
      owner = userId
    },
  }
}

/** A token is renewed when less than this is left of it. */
const MIN_LEFT = 20_000

/**
 * Keeps the access token in memory, where no script of another page finds it. Its age is measured by the difference of the server's
 * own two times and by the monotonic clock, so a wrong clock on the device does no harm.
 */
export function createAccessToken(fetcher: typeof fetch): AccessToken & { forget: () => void } {
  let held: { token: string; until: number } | null = null
  let asking: Promise<string | null> | null = null

  async function ask(): Promise<string | null> {
    const response = await fetcher('/api/auth/jwt', { signal: AbortSignal.timeout(TIMEOUT) }).catch(() => {
      throw unreachable()
    })
    const answer: unknown = await response.json().catch(() => null)
    held = null
    if (response.status === 401) return null
    if (!response.ok) throw apiErrorOf(response.status, answer, response.headers.get('retry-after'))
    const { token, expiresAt } = answer as { token: string; expiresAt: number }
    const serverNow = Date.parse(response.headers.get('date') ?? '') || Date.now()
    held = { token, until: performance.now() + expiresAt - serverNow }
    return token
  }

  function accessToken(refused?: string): Promise<string | null> {
    if (held && held.token !== refused && held.until - performance.now() > MIN_LEFT) return Promise.resolve(held.token)
    asking ??= ask().finally(() => {
      asking = null
    })
    return asking
  }
  return Object.assign(accessToken, {
    forget: () => {
      held = null
    },
  })
}

let browser: { api: Api; forget: () => void } | undefined

/** The one client of this browser tab. Never made on the server, where it would be everybody's. */
function browserApi(): { api: Api; forget: () => void } {
  if (!browser) {
    const fetcher: typeof fetch = (...request) => fetch(...request)
    const accessToken = createAccessToken(fetcher)
    browser = { api: createBrowserApi(fetcher, accessToken), forget: accessToken.forget }
  }
  return browser
}

/** Drops the access token, when somebody has signed in or out. */
export function forgetAccessToken(): void {
  browser?.forget()
}

/** The API for the place where this runs: through the session while the server renders, straight to `/backend` in a browser. */
export function useApi(): Api {
  if (import.meta.client) return browserApi().api
  const event = useRequestEvent(useNuxtApp())
  const readOnly = () => Promise.reject(new Error('rendering a page changes nothing'))
  return {
    async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
      if (!event) throw unreachable()
      const { asAnyone, asOwner } = event.context.backend
      const { status, body, retryAfter, location } = await (options.anonymous ? asAnyone : asOwner)(`/backend${path}`)
      if (location !== null) throw new Moved(location.replace(/^\/backend/, ''))
      if (status < 200 || status > 299) throw apiErrorOf(status, body, retryAfter)
      return body as T
    },
    post: readOnly,
    put: readOnly,
    patch: readOnly,
    upload: readOnly,
    delete: readOnly,
    download: readOnly,
    prepare: () => Promise.resolve(),
    actAs: () => undefined,
  }
}
