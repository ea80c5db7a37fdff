import { ApiError } from '../../http/api-error.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'

/** INCIDENT_IN_FUTURE, beside the field that said so. */
export function inFuture(path: string): ApiError {
  const { message } = new ApiError('INCIDENT_IN_FUTURE')
  return new ApiError('INCIDENT_IN_FUTURE', { errors: [{ path, message }] })
}

/** Says what a failed insert meant. @throws {ApiError} TOO_MANY_INCIDENTS where the timer is full, else the error itself. */
export function refuseFullTimer(error: unknown): never {
  throw violatedConstraint(error) === 'timers_incident_count_limit' ? new ApiError('TOO_MANY_INCIDENTS') : error
}
