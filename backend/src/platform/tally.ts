/** How one kind of job has fared since the start. */
interface JobTally {
  succeeded: number
  failed: number
  /** Epoch milliseconds; null until the first success. */
  lastSuccessAt: number | null
}

/**
 * What has happened in this process since its start, in plain numbers: counting costs nothing where nobody looks at them, and
 * whoever counts knows nothing of how they are shown.
 */
export interface Tally {
  /** Requests being answered now, health checks not among them. */
  inFlight: number
  /** Requests refused because too many were under way. */
  shed: number
  /** Attempts refused by the throttle, by what was counted. */
  throttled: Record<'account' | 'network' | 'registration' | 'device' | 'devices' | 'code', number>
  /** Requests that asked the database whether a session lives, because what was revoked could not be known. */
  sessionLookups: number
  /** Sessions revoked because an old refresh token came back. */
  tokensReused: number
  signIns: { succeeded: number; failed: number }
  /** Those who look at a timer live, at this moment. */
  viewers: number
  /** Of them those who were cut because they did not keep up. */
  slowViewers: number
  jobs: Map<string, JobTally>
}

/** Everything at zero. */
export function createTally(): Tally {
  return {
    inFlight: 0,
    shed: 0,
    throttled: { account: 0, network: 0, registration: 0, device: 0, devices: 0, code: 0 },
    sessionLookups: 0,
    tokensReused: 0,
    signIns: { succeeded: 0, failed: 0 },
    viewers: 0,
    slowViewers: 0,
    jobs: new Map(),
  }
}

/** The numbers of one job, which are there from its first mention. */
export function jobTally(tally: Tally, job: string): JobTally {
  let found = tally.jobs.get(job)
  if (!found) tally.jobs.set(job, (found = { succeeded: 0, failed: 0, lastSuccessAt: null }))
  return found
}
