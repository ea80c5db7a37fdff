import { spawn, type ChildProcess } from 'node:child_process'
import { ROOT } from './project-root.ts'
import { signalGroup } from '../commands.ts'

/** What a command of a step said, and how it ended. */
export interface Ending {
  ok: boolean
  output: string
}

const running = new Set<ChildProcess>()
let interrupted = false

/**
 * Runs a command of a step to its end, from the project's root and without input. Each has a process group of its own, so that
 * an interrupted run can end all of it. Never throws: a command that cannot be run has failed.
 */
export function runStepCommand(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ending> {
  if (interrupted) return Promise.resolve({ ok: false, output: 'interrupted' })
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  return new Promise((resolve) => {
    const end = (ok: boolean, reason: string) => {
      running.delete(child)
      resolve({ ok, output: [chunks.join('').trimEnd(), reason].filter((part) => part !== '').join('\n') })
    }
    child.once('error', (error) => end(false, error.message))
    child.once('close', (code, signal) => end(code === 0, code === 0 ? '' : `(ended with ${signal ?? `exit code ${code}`})`))
  })
}

/** Runs one of the tools in node_modules with the Node that runs us. */
export function runTool(
  file: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ending> {
  return runStepCommand(process.execPath, [`${ROOT}/node_modules/${file}`, ...args], options)
}

/**
 * Ends every running command and starts no other: first as Ctrl-C would, which lets the test runners take down what they
 * started, then harder. Resolves when all are gone.
 */
export async function interruptCommands(): Promise<void> {
  interrupted = true
  await Promise.all(
    [...running].map(async (child) => {
      const { pid } = child
      if (pid === undefined) return
      const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
      signalGroup(pid, 'SIGINT')
      const harder = [setTimeout(signalGroup, 15_000, pid, 'SIGTERM'), setTimeout(signalGroup, 20_000, pid, 'SIGKILL')]
      await gone
      for (const timer of harder) clearTimeout(timer)
      // What the command itself left behind in its group.
      signalGroup(pid, 'SIGKILL')
    }),
  )
}
