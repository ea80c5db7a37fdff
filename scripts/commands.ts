import { spawn, type ChildProcess } from 'node:child_process'
import { StartFailure } from './failure.ts'

/** The commands of the set-up that run at this moment; a signal to us must end them too. */
const running = new Set<ChildProcess>()

export interface CommandOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
}

/**
 * Runs a command of the set-up to its end, quietly. Throws `StartFailure` with its last words when it fails.
 * It has a process group of its own, so that whatever it starts ends with it.
 */
export async function runCommand(what: string, command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-20_000)))
  }
  try {
    const ending = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(code === 0 ? '' : signal === null ? `exit code ${code}` : signal))
    })
    if (ending !== '') throw new StartFailure(`${what} failed (${ending}): ${output.trim() || 'it said nothing'}`)
    return output
  } finally {
    running.delete(child)
  }
}

/** Ends what `runCommand` is running, first politely. Resolves when all of it is gone. */
export async function endCommands(): Promise<void> {
  await Promise.all([...running].map(endGroup))
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  signalGroup(child.pid, 'SIGTERM')
  const hard = setTimeout(signalGroup, 3_000, child.pid, 'SIGKILL')
  await gone
  clearTimeout(hard)
}

/** Sends a signal to a process and to all in its group. A group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // gone already
  }
}
