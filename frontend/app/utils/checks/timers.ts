import './jitless'
import { CreateTimerRequest, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { complaints } from './issues'

/** What is wrong with a new timer, by field. */
export function checkNewTimer(values: unknown): Record<string, string> {
  return complaints(CreateTimerRequest, values)
}

/** What is wrong with a change of a timer, by field. */
export function checkTimer(values: unknown): Record<string, string> {
  return complaints(UpdateTimerRequest, values)
}
