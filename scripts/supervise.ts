import { renameSync, statSync } from 'node:fs'
import { endCommands, runCommand } from './commands.ts'
import { StartFailure } from './failure.ts'
import { noteChildren, releaseInstanceLock } from './instance-lock.ts'
import { lastDue } from './nightly.ts'
import { print, say, seconds, step, surviveClosedOutput } from './log.ts'
import { PLAN_VARIABLE, type Plan, type TaskPlan } from './plan.ts'
import { keepService, type Service } from './service.ts'

// The supervisor: what `npm start` is once the set-up (start.ts) is done. It starts the parts of the site in order, keeps
// them alive and stops them in the reverse order. It stays small: no dependency, no HTTP client, no TLS.

const LOG_LIMIT = 10_000_000
/** Also how long a start has for itself before a missed backup is made up for. */
const BACKUP_LOOK_EVERY = 30_000
/** npm hands one Ctrl-C on to us although the terminal has sent it already; only a later one is a second one. */
const SECOND_SIGNAL_AFTER = 1_000

const plan = JSON.parse(process.env[PLAN_VARIABLE] ?? 'null') as (Plan & { began: number }) | null
if (plan === null) throw new Error('this is started by scripts/start.ts')
Reflect.deleteProperty(process.env, PLAN_VARIABLE)
const { dataDir, siteUrl, steps, nightly, accessLog, notices, began } = plan

const services: Service[] = []
const night = { isRunning: false, last: nightly?.last ?? Date.now() }
const startedBy = process.ppid
const state: { stopping: Promise<void> | null; firstSignalAt: number } = { stopping: null, firstSignalAt: 0 }

async function startAll(): Promise<void> {
  for (const next of steps) {
    if (state.stopping !== null) return
    if ('task' in next) await runTask(next.task)
    else {
      const service = keepService(next.service, noteServices)
      services.push(service)
      await step(service.name, async () => {
        await service.start().catch((error: unknown) => {
          throw new StartFailure(`${service.name} did not start: ${(error as Error).message}`)
        })
        return { said: state.stopping === null ? 'ready' : 'stopped', result: true }
      })
    }
  }
}

async function runTask(task: TaskPlan): Promise<void> {
  await step(task.name, async () => {
    const words = await runCommand(task.failure, task.command, task.args, task).catch((error: unknown) => {
      // The task's own sentence is the message; how its process ended is not of interest.
      throw new StartFailure((error as Error).message.replace(/ failed \(exit code \d+\)/, ''))
    })
    return { said: words.trim().split('\n').at(-1) || 'done', result: true }
  })
}

function noteServices(): void {
  const running = services.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]))
  try {
    noteChildren(dataDir, running)
  } catch (error) {
    say('site', `cannot note what runs in ${dataDir}: ${(error as Error).message}`)
  }
}

/** Stops everything, the last started first; safe to call more than once. */
function stopAll(): Promise<void> {
  state.stopping ??= (async () => {
    await endCommands()
    for (const service of services.toReversed()) {
      const running = service.pid !== null
      await service.stop()
      if (running) say(service.name, 'stopped')
    }
    releaseInstanceLock(dataDir)
  })()
  return state.stopping
}

async function leave(reason: string, exitCode: number): Promise<void> {
  say('site', `stopping (${reason})`)
  await stopAll()
  say('site', 'stopped')
  process.exit(exitCode)
}

function onSignal(signal: NodeJS.Signals): void {
  if (state.firstSignalAt === 0) {
    state.firstSignalAt = Date.now()
    void leave(signal, 0)
  } else if (Date.now() - state.firstSignalAt > SECOND_SIGNAL_AFTER) {
    say('site', `${signal} again: killing everything`)
    for (const service of services) service.kill()
    releaseInstanceLock(dataDir)
    process.exit(1)
  }
}

/** The log of requests keeps one older part of the same size. */
function rotateAccessLog(): void {
  if (accessLog === null) return
  const size = statSync(accessLog, { throwIfNoEntry: false })?.size ?? 0
  const nginx = services.find(({ name }) => name === 'nginx')
  if (size < LOG_LIMIT || nginx?.pid == null) return
  renameSync(accessLog, `${accessLog}.1`)
  process.kill(nginx.pid, 'SIGUSR1')
}

/**
 * Runs the nightly backup when its time has come. One that was missed, because the site did not run at that time, is made up for
 * soon after the start.
 */
async function backUpWhenDue(): Promise<void> {
  const now = Date.now()
  if (nightly === null || night.isRunning || state.stopping !== null || lastDue(nightly.at, now) <= night.last) return
  night.last = now
  night.isRunning = true
  const { task } = nightly
  const words = await runCommand(task.failure, task.command, task.args, task).catch((error: unknown) => (error as Error).message)
  for (const line of words.trim().split('\n')) say(task.name, line)
  night.isRunning = false
}

/** npm that was killed hands no signal on: whoever has lost it is on its own, in no terminal, and ends. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] !== undefined && process.ppid !== startedBy && state.firstSignalAt === 0)
    onSignal('SIGHUP')
}

surviveClosedOutput()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

try {
  await startAll()
} catch (error) {
  await stopAll()
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`cannot start:\n  ${error.problems.join('\n').replaceAll('\n', '\n  ')}\n`)
  process.exit(1)
}
if (state.stopping === null) {
  setInterval(rotateAccessLog, 60_000)
  setInterval(endWithNpm, 1_000)
  setInterval(() => void backUpWhenDue(), BACKUP_LOOK_EVERY)
  for (const notice of notices) say('site', notice)
  say('site', `everything runs (${seconds(Date.now() - began)}); Ctrl-C stops it`)
  print(`ready ${siteUrl}`)
  // What the start needed is garbage now, and an idle process would not look for it for a long time.
  setTimeout(() => globalThis.gc?.(), 1_000)
}
