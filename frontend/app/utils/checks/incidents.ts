import './jitless'
import { CreateTimerEntryRequest } from '@kennwilliamson/contracts/timers'
import { complaints } from './issues'

/** What is wrong with a reset or an edit, by field. */
export function checkIncident(values: unknown): Record<string, string> {
  return complaints(CreateTimerEntryRequest, values)
}
