import type { LoginRequest, User } from '@kennwilliamson/contracts/auth'
import { useApi } from '#imports'
import { ApiError, apiErrorOf, unreachable } from '~/utils/api-error'
import { forgetAccessToken } from './useApi'

/** What the sign-up form sends. */
export interface Registration {
  email: string
  password: string
  display_name: string
  share_level: 'count' | 'private'
  time_zone: string
}

async function postToBridge(path: string, body: unknown): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  }).catch(() => {
    throw unreachable()
  })
  forgetAccessToken()
  if (!response.ok)
    throw apiErrorOf(response.status, await response.json().catch(() => null), response.headers.get('retry-after'))
}

/** Signing up, in and out. The tokens stay with the server; the browser only learns that it worked. */
export function useSession() {
  const api = useApi()
  return {
    /** @throws {ApiError} `INVALID_CREDENTIALS`, `ACCOUNT_DEACTIVATED`, `TOO_MANY_REQUESTS` … */
    signIn: (request: LoginRequest) => postToBridge('/api/auth/login', request),
    /** @throws {ApiError} `EMAIL_TAKEN`, `PASSWORD_TOO_WEAK`, `SLUG_RESERVED` … */
    register: (request: Registration) => postToBridge('/api/auth/register', request),
    /** Ends the session, then loads the home page anew, so that nothing of the person stays in memory. */
    async signOut(homePage: '/' | '/#account-deleted' = '/'): Promise<void> {
      await postToBridge('/api/auth/logout', {})
      location.replace(homePage)
    },
    /** Who is signed in, or null. @throws {ApiError} when nobody can say. */
    async findUser(): Promise<User | null> {
      if (import.meta.server) {
        return api.get<User>('/auth/me').catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 401) return null
          throw error
        })
      }
      const response = await fetch('/api/_auth/session').catch(() => {
        throw unreachable()
      })
      if (!response.ok) throw apiErrorOf(response.status, null, response.headers.get('retry-after'))
      return ((await response.json()) as { user?: User }).user ?? null
    },
  }
}
