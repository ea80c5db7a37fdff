import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { JWT_SECRET, SITE_URL } from './harness.ts'

/** The API as it really runs: main.ts in a process of its own. */
export interface RunningApi {
  process: ChildProcess
  url: string
  metricsUrl: string
  /** Everything it has written so far. */
  output: () => string
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const running = new Set<ChildProcess>()

/**
 * Starts main.ts with these settings and resolves when it is ready (or answers `until`) or has ended. `planted` is code that runs
 * before it; the setting `FREE` becomes a free port.
 */
export async function runApi(
  settings: Record<string, string>,
  options: { planted?: string; flags?: string[]; until?: string } = {},
): Promise<RunningApi> {
  const [port, metricsPort] = [await findFreePort(), await findFreePort()]
  const planted = options.planted ? ['--import', `data:text/javascript,${encodeURIComponent(options.planted)}`] : []
  const main = path.join(import.meta.dirname, '../main.ts')
  const given = Object.fromEntries(
    Object.entries({ JWT_SECRET, SITE_URL, BACKEND_PORT: String(port), ...settings }).map(([name, value]) => [
      name,
      value === 'FREE' ? String(metricsPort) : value,
    ]),
  )
  const child = spawn(process.execPath, [...(options.flags ?? []), ...planted, main], {
    env: { PATH: process.env['PATH'], ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let words = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (words += chunk))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  const url = `http://127.0.0.1:${port}/backend`
  const isReady = async () => {
    for (;;) {
      const ready = await fetch(url + (options.until ?? '/health/ready')).catch(() => null)
      await ready?.arrayBuffer()
      if (ready?.ok) return
      await delay(50)
    }
  }
  await Promise.race([ended, isReady(), delay(15_000)])
  return { process: child, url, metricsUrl: `http://127.0.0.1:${metricsPort}`, output: () => words, ended }
}

/** Ends whatever `runApi` started and still runs. */
export function endApis(): void {
  for (const child of running) child.kill('SIGKILL')
}
