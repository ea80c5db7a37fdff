import { linkSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartFailure } from './failure.ts'
import { isRunning, markOf, waitUntilGone, type ProcessMark } from './processes.ts'
import { signalGroup } from './commands.ts'

/** What `run/supervisor.json` in the data folder remembers of who runs the site. */
export interface Instance extends ProcessMark {
  /** Or, of a backup or restore that needs the data for itself, its command. */
  siteUrl: string
  /** The children, each the head of a process group: what a supervisor that was killed may have left. */
  children: (ProcessMark & { name: string })[]
}

/** The data folder that this process has taken. */
let taken: string | null = null

const fileIn = (dataDir: string): string => path.join(dataDir, 'run/supervisor.json')

/** The instance that runs on this data folder, or null. */
export function findInstance(dataDir: string): Instance | null {
  const found = readInstance(fileIn(dataDir))
  return found !== null && isRunning(found) ? found : null
}

/** Throws `StartFailure` when the site runs on this data folder already. */
export function refuseSecondStart(dataDir: string): void {
  const found = findInstance(dataDir)
  if (found === null) return
  const whose = found.siteUrl.startsWith('http') ? 'the site runs already' : 'the data is in use'
  throw new StartFailure(`${whose}: ${found.siteUrl} (pid ${found.pid}, data in ${dataDir})`)
}

/**
 * Takes the data folder for this process, and ends what a killed supervisor may have left running on it.
 * Throws `StartFailure` when a supervisor runs on it. The lock outlives `execve`, which keeps the process's number and start.
 */
export async function takeInstanceLock(dataDir: string, siteUrl: string): Promise<void> {
  const file = fileIn(dataDir)
  const own = `${file}.${process.pid}`
  const mark = markOf(process.pid)
  if (mark === null) throw new StartFailure('this machine has no /proc, which the supervisor needs')
  writeFileSync(own, JSON.stringify({ ...mark, siteUrl, children: [] } satisfies Instance), { mode: 0o644 })
  try {
    for (let tries = 0; tries < 3; tries++) {
      // A link is made by exactly one of several who try at once.
      if (tryLink(own, file)) {
        taken = dataDir
        return
      }
      const holder = readInstance(file)
      refuseSecondStart(dataDir)
      if (holder !== null) await endLeftovers(holder)
      retire(file, holder)
    }
    throw new StartFailure(`another start is taking ${dataDir} at this moment: try again`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** Notes the children beside the lock, by writing it anew. */
export function noteChildren(dataDir: string, children: { name: string; pid: number }[]): void {
  const file = fileIn(dataDir)
  const found = readInstance(file)
  if (found === null || found.pid !== process.pid) return
  const marks = children.flatMap(({ name, pid }) => {
    const mark = markOf(pid)
    return mark === null ? [] : [{ ...mark, name }]
  })
  const own = `${file}.${process.pid}`
  writeFileSync(own, JSON.stringify({ ...found, children: marks } satisfies Instance), { mode: 0o644 })
  renameSync(own, file)
}

/** Gives the data folder back, if it is ours. */
export function releaseInstanceLock(dataDir: string): void {
  const found = readInstance(fileIn(dataDir))
  if (found?.pid === process.pid) rmSync(fileIn(dataDir), { force: true })
}

/** Gives back what this process took, if it took one. */
export function releaseTaken(): void {
  if (taken === null) return
  releaseInstanceLock(taken)
  // A start that failed at once leaves no trace; a folder with anything in it stays.
  for (const folder of [path.join(taken, 'run'), taken]) {
    try {
      rmdirSync(folder)
    } catch {
      return
    }
  }
}

/** The kernel has told them to stop when their parent died (where the machine can do that); the others we tell. */
async function endLeftovers(instance: Instance): Promise<void> {
  const left = instance.children.filter(isRunning)
  for (const { pid, name } of left) signalGroup(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM')
  if (await waitUntilGone(left, 12_000)) return
  for (const child of left.filter(isRunning)) signalGroup(child.pid, 'SIGKILL')
  await waitUntilGone(left, 5_000)
}

/** Moves a dead lock out of the way, and puts it back if it turns out to be another's that came between. */
function retire(file: string, seen: Instance | null): void {
  const aside = `${file}.dead.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const moved = readInstance(aside)
  if (moved !== null && (moved.pid !== seen?.pid || moved.started !== seen.started)) tryLink(aside, file)
  rmSync(aside, { force: true })
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readInstance(file: string): Instance | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Instance
  } catch {
    return null
  }
}
