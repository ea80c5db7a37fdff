import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { isStillOccupied, waitUntilReady } from '@kennwilliamson/database/embedded-readiness'
import { signalGroup } from './commands.ts'
import { say, seconds } from './log.ts'
import { lineSplitter, readableLine } from './log-lines.ts'
import type { ServicePlan } from './plan.ts'
import { probe } from './processes.ts'

/** A service that ran this long was well: the next failure counts as its first. */
const WELL_AFTER = 30_000
const READY_WITHIN = 60_000

/**
 * How long to wait before the next try: short at first, because the site is away meanwhile, and up to 15 s for what keeps
 * failing, because it would eat the machine. In milliseconds; `failures` counts from 1.
 */
export function restartDelay(failures: number): number {
  return Math.min(15_000, 100 * 2 ** (failures - 1))
}

/** One child that is kept alive. */
export interface Service {
  readonly name: string
  /** The number of its process while it runs. */
  readonly pid: number | null
  /** Starts it and resolves when it is ready. Rejects with its last words when it ends before that. */
  start(): Promise<void>
  /** Asks it to end, and makes it after its time. Resolves when it is gone; it is not restarted any more. */
  stop(): Promise<void>
  /** Ends it and all in its group at once. */
  kill(): void
}

/** Builds the keeper of one service; `onChange` is called when its process came or went. */
export function keepService(plan: ServicePlan, onChange: () => void): Service {
  const state: { child: ChildProcess | null; stopping: boolean; failures: number } = { child: null, stopping: false, failures: 0 }

  const isStopping = (): boolean => state.stopping

  /** Resolves to null when ready, or to the child's last words when it ended first. */
  async function launch(): Promise<string | null> {
    const { command, args, cwd, env, uid, gid } = plan
    const user = uid === undefined || gid === undefined ? {} : { uid, gid }
    const words: string[] = []
    // A group of its own: a Ctrl-C in the terminal reaches us alone, and we decide on the order.
    const current = spawn(command, args, { cwd, env, ...user, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    state.child = current
    const onLine = (line: string): void => {
      words.splice(0, words.length - 19)
      words.push(line)
      say(plan.name, readableLine(plan.name, line))
    }
    for (const stream of [current.stdout, current.stderr]) stream.setEncoding('utf8').on('data', lineSplitter(onLine))
    const began = Date.now()
    let isReady = false
    const ended = new Promise<string>((resolve) => {
      const finish = (how: string): void => {
        state.child = null
        onChange()
        resolve(`${how}${words.length > 0 ? `: ${words.join('\n')}` : ''}`)
        if (!isReady || isStopping()) return
        if (Date.now() - began > WELL_AFTER) state.failures = 0
        void revive(how)
      }
      current.once('error', (error) => {
        words.push(error.message)
        if (current.pid === undefined) finish('it could not be started')
      })
      current.once('exit', (code, signal) => {
        // What it left in its group holds its ports: the workers of an nginx that was killed.
        if (current.pid !== undefined) signalGroup(current.pid, 'SIGKILL')
        // Its last words may still be on their way; whoever keeps the pipe open beyond that is not waited for.
        const closed = new Promise((heard) => current.once('close', heard))
        void Promise.race([closed, delay(100)]).then(() => finish(signal ?? `exit code ${code}`))
      })
    })
    onChange()
    const first = await Promise.race([ended, becomesReady(current)])
    isReady = first === null
    return first
  }

  async function becomesReady(current: ChildProcess): Promise<string | null> {
    const deadline = Date.now() + READY_WITHIN
    const { ready } = plan
    if (ready.kind === 'postgres')
      return (await waitUntilReady(ready.dataDir, current, deadline)) ? null : 'it was not ready in time'
    while (Date.now() < deadline && current.exitCode === null && current.signalCode === null) {
      if ((await probe(ready.port, ready.path)) === ready.status) return null
      await delay(50)
    }
    return `it was not ready within ${seconds(READY_WITHIN)}`
  }

  async function revive(how: string): Promise<void> {
    const began = Date.now()
    let reason: string | null = how
    while (reason !== null && !isStopping()) {
      state.failures++
      const wait = restartDelay(state.failures)
      say('site', `${plan.name} ended (${reason.split('\n')[0]}): starting it again in ${seconds(wait)}`)
      await delay(wait)
      if (isStopping()) return
      reason = await launch()
      if (reason !== null) await end()
    }
    if (!isStopping()) say('site', `${plan.name} is back after ${seconds(Date.now() - began)}`)
  }

  async function end(): Promise<void> {
    const current = state.child
    if (current?.pid === undefined || current.exitCode !== null || current.signalCode !== null) return
    const gone = new Promise<true>((resolve) => current.once('exit', () => resolve(true)))
    current.kill(plan.stopSignal)
    if (await Promise.race([gone, delay(plan.stopWithin, false, { ref: false })])) return
    say('site', `${plan.name} did not stop within ${seconds(plan.stopWithin)}: killing it`)
    signalGroup(current.pid, 'SIGKILL')
    await gone
  }

  return {
    name: plan.name,
    get pid() {
      return state.child?.pid ?? null
    },
    async start() {
      const deadline = Date.now() + 5_000
      for (;;) {
        const reason = await launch()
        if (reason === null || state.stopping) return
        await end()
        if (plan.name !== 'postgres' || !isStillOccupied(reason) || Date.now() > deadline) throw new Error(reason)
        await delay(200)
      }
    },
    async stop() {
      state.stopping = true
      await end()
    },
    kill() {
      state.stopping = true
      if (state.child?.pid !== undefined) signalGroup(state.child.pid, 'SIGKILL')
    },
  }
}
