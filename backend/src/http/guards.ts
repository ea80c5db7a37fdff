import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { ApiError } from './api-error.ts'

/** Who asks: proved by the access token. */
export interface Caller {
  userId: string
  sessionId: string
  generation: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireUser`; read it through `callerOf`. */
    caller: Caller | null
  }
}

/** Tells who a bearer token belongs to, or null. `fromOutside`: the call came through nginx, not from our own pages' rendering. */
export type Authenticate = (token: string, fromOutside: boolean) => Promise<Caller | null>

const BEARER = /^Bearer ([\w\-.]{1,4096})$/i

/** The guard of every route in its scope: a valid access token of a living session, else 401. */
export function requireUser(authenticate: Authenticate): onRequestAsyncHookHandler {
  return async (request) => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
    const caller = token ? await authenticate(token, request.headers['x-from-outside'] === '1') : null
    if (!caller) throw new ApiError('UNAUTHENTICATED')
    request.caller = caller
  }
}

/** The guard of every route in its scope, inside that of signed-in users: only administrators, as the database knows them now, else 403. */
export function requireAdmin(isAdministrator: (userId: string) => Promise<boolean>): onRequestAsyncHookHandler {
  return async (request) => {
    if (!(await isAdministrator(callerOf(request).userId))) throw new ApiError('FORBIDDEN')
  }
}

/** The caller of a guarded route. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new ApiError('UNAUTHENTICATED')
  return request.caller
}
