import { get, type ClientRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** What viewers cost, and when they hear of a reset. */
export interface Viewers {
  viewers: number
  /** PSS of the API's processes, MB more than before. */
  megabytes: number
  /** Milliseconds from the reset until 95 of 100 have it, and until the last has; the middle of the resets. */
  p95: number
  last: number
}

const RESETS = 5

/** Opens so many streams of one timer, resets it some times, and hears when each viewer has it. @throws where one does not hear. */
export async function measureViewers(
  viewers: number,
  { url, reset, memory }: { url: string; reset: () => Promise<unknown>; memory: () => number },
): Promise<Viewers> {
  const before = memory()
  let heard: number[] = []
  let snapshots = 0
  const open: ClientRequest[] = []
  const view = () => {
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream' } }, (answer) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('event: snapshot')) snapshots++
        if (text.includes('event: change')) heard.push(performance.now())
      })
    })
    request.on('error', () => undefined)
    open.push(request)
  }
  try {
    for (let n = 0; n < viewers; n++) {
      view()
      // As fast as a server may be asked, not as fast as sockets can be made.
      if (n % 100 === 99) await delay(50)
    }
    for (let tries = 0; snapshots < viewers; tries++) {
      if (tries > 300) throw new Error(`${String(snapshots)} of ${String(viewers)} viewers see the timer`)
      await delay(100)
    }
    const [p95, last]: [number[], number[]] = [[], []]
    for (let n = 0; n < RESETS; n++) {
      heard = []
      const began = performance.now()
      await reset()
      for (let tries = 0; heard.length < viewers; tries++) {
        if (tries > 100) throw new Error(`${String(heard.length)} of ${String(viewers)} viewers heard of a reset`)
        await delay(100)
      }
      heard.sort((a, b) => a - b)
      p95.push((heard[Math.floor(viewers * 0.95) - 1] ?? 0) - began)
      last.push((heard.at(-1) ?? 0) - began)
    }
    const middle = (all: number[]) => Math.round(all.toSorted((a, b) => a - b)[Math.floor(RESETS / 2)] ?? 0)
    return { viewers, megabytes: Math.round((memory() - before) * 10) / 10, p95: middle(p95), last: middle(last) }
  } finally {
    for (const request of open) request.destroy()
  }
}
