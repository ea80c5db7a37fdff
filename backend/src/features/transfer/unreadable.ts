import { ApiError } from '../../http/api-error.ts'

/** A file of which nothing can be read, and why. */
export function unreadable(why: string): ApiError {
  return new ApiError('INVALID_INPUT', { errors: [{ path: 'file', message: why }] })
}
