import { Problem } from '@kennwilliamson/contracts/errors'

/** The error answers of a route, for its schema. */
export function problems<Status extends number>(...statuses: Status[]) {
  return Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<Status, typeof Problem>
}
