import './jitless'
import { CreateIncidentRequest } from '@kennwilliamson/contracts/incidents'
import { complaints } from './issues'

/** What is wrong with a reset or an edit, by field. */
export function checkIncident(values: unknown): Record<string, string> {
  return complaints(CreateIncidentRequest, values)
}
