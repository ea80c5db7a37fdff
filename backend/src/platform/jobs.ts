import { jobTally, type Tally } from './tally.ts'

/** Work that is done now and then. */
export interface Job {
  name: string
  everySeconds: number
  run: () => Promise<void>
}

/**
 * Runs each job on its own interval, never twice at once in this process; a failure is reported and the next round comes all
 * the same. The first round of each comes within its first tenth. What comes of each is counted. Returns what stops them.
 */
export function startJobs(jobs: Job[], tally: Tally, onError: (job: string, error: unknown) => void): () => void {
  const timers = jobs.map((job) => {
    const counted = jobTally(tally, job.name)
    let running = false
    const round = () => {
      if (running) return
      running = true
      job
        .run()
        .then(
          () => {
            counted.succeeded++
            counted.lastSuccessAt = Date.now()
          },
          (error: unknown) => {
            counted.failed++
            onError(job.name, error)
          },
        )
        .finally(() => {
          running = false
        })
    }
    const first = setTimeout(round, job.everySeconds * 100)
    const next = setInterval(round, job.everySeconds * 1000)
    first.unref()
    next.unref()
    return { first, next }
  })
  return () => {
    for (const { first, next } of timers) {
      clearTimeout(first)
      clearInterval(next)
    }
  }
}
