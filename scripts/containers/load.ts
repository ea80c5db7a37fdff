import https from 'node:https'
import { ask, signUp, type Answer, type Person } from '../walk.ts'

/** What came of a load. */
export interface LoadReport {
  requests: number
  /** Of every request that was not answered, or with a 5xx: what was asked, and what came of it. */
  failures: string[]
  /** How many of the failures were reads. */
  failedReads: number
  /** How many were answered 429: the load is then too heavy for one address, and proves nothing. */
  refused: number
  seconds: number
  /** Milliseconds. */
  p50: number
  p99: number
  slowest: number
}

export interface LoadOptions {
  origin: string
  /** How many are under way at once. */
  concurrency: number
  /** Reads alone, or reads, resets and, one in fifty, a sign-in. */
  kind: 'reads' | 'mixed'
  /** Requests a second over all; as fast as they are answered without it. */
  rate?: number
  /** Ends when this many were sent, or when `isOver` says so. */
  requests?: number
  isOver?: () => boolean
}

/**
 * A load on a running site, as from many visitors: nginx must trust this machine (TRUST_PROXY), since its limits would
 * otherwise count one address.
 */
export async function putLoad(options: LoadOptions): Promise<LoadReport> {
  const { origin, concurrency, kind, rate } = options
  const agent = new https.Agent({ keepAlive: true, maxSockets: concurrency, rejectUnauthorized: false })
  // A write is not repeated by anybody, so it goes on no connection that may be closed in the moment in which it is used again.
  const ownConnection = new https.Agent({ keepAlive: false, rejectUnauthorized: false })
  const people = await Promise.all([0, 1, 2, 3, 4].map((number) => signUp(origin, visitor(number))))
  const report: LoadReport = { requests: 0, failures: [], failedReads: 0, refused: 0, seconds: 0, p50: 0, p99: 0, slowest: 0 }
  const times: number[] = []
  const began = performance.now()
  const goesOn = (): boolean =>
    (options.requests === undefined || report.requests < options.requests) && options.isOver?.() !== true

  async function one(number: number): Promise<void> {
    const person = people[number % people.length] as Person
    const { what, isRead, send } = choose(number, person)
    const sent = performance.now()
    const answer = await send().catch((error: unknown) => (error as Error).message)
    times.push(performance.now() - sent)
    if (typeof answer !== 'string' && answer.status === 429) report.refused++
    if (typeof answer === 'string' || answer.status >= 500 || answer.status === 401) {
      report.failures.push(`${what}: ${typeof answer === 'string' ? answer : `${answer.status} ${answer.body.slice(0, 120)}`}`)
      if (isRead) report.failedReads++
    }
  }

  function choose(number: number, person: Person): { what: string; isRead: boolean; send: () => Promise<Answer> } {
    const call = (method: string, path: string, more: { body?: object; token?: string } = {}) => ({
      what: `${method} ${path}`,
      isRead: method === 'GET',
      send: () =>
        ask(origin, method, path, {
          ...more,
          agent: method === 'GET' ? agent : ownConnection,
          headers: visitor(number),
          patience: 30_000,
        }),
    })
    const { token, email, password } = person
    if (kind === 'mixed' && number % 50 === 7) return call('POST', '/backend/auth/login', { body: { email, password } })
    if (kind === 'mixed' && number % 5 === 1)
      return call('POST', '/backend/incident-timers', { body: { notes: `load ${number}` }, token })
    if (number % 5 === 2) return call('GET', `/${person.slug}/incident-timer?${number}`)
    if (number % 5 === 3) return call('GET', '/backend/timers', { token })
    return call('GET', `/backend/shared/${person.slug}/incident-timer`)
  }

  async function worker(): Promise<void> {
    while (goesOn()) {
      const number = report.requests++
      if (rate !== undefined) {
        const due = began + (number / rate) * 1000 - performance.now()
        if (due > 0) await new Promise((resolve) => setTimeout(resolve, due))
      }
      await one(number)
    }
  }

  await Promise.all(Array.from({ length: concurrency }, worker))
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0)
  return { ...report, seconds: (performance.now() - began) / 1000, p50: at(0.5), p99: at(0.99), slowest: at(1) }
}

/** Each request comes from one of some thousand addresses, as far as nginx is told. */
function visitor(number: number): Record<string, string> {
  const host = number % 4000
  return { 'x-forwarded-for': `198.18.${Math.floor(host / 250)}.${(host % 250) + 1}` }
}

/** One line for people. */
export function describeLoad(report: LoadReport): string {
  const { requests, failures, failedReads, refused, seconds, p50, p99, slowest } = report
  const rate = Math.round(requests / seconds)
  return `${requests} requests in ${seconds.toFixed(1)} s (${rate} a second): ${failures.length} failed (${failedReads} reads), ${refused} refused; p50 ${p50} ms, p99 ${p99} ms, slowest ${slowest} ms`
}
