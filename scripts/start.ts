import path from 'node:path'
import { endCommands } from './commands.ts'
import { installDependencies } from './dependencies.ts'
import { StartFailure } from './failure.ts'
import { parseFlags, USAGE } from './flags.ts'
import { releaseTaken } from './instance-lock.ts'
import { print, say, step, surviveClosedOutput } from './log.ts'

// `npm start`. This is the set-up: it may be as heavy as it likes, since it ends by becoming the supervisor (supervise.ts)
// through execve: same process, same number, but nothing of the set-up left in memory. Only Node's own modules and files that
// need no others are imported at the top, because on a fresh clone there is nothing else yet.

const root = path.join(import.meta.dirname, '..')
/** The signal that asked the set-up to end. */
const ended: { by: NodeJS.Signals | null } = { by: null }

async function start(): Promise<void> {
  const { flags, problems } = parseFlags(process.argv.slice(2))
  if (flags.help) {
    print(USAGE)
    return
  }
  if (problems.length > 0) throw new StartFailure(problems)
  const began = Date.now()
  await step('packages', async () => ({ said: await installDependencies(root, (line) => say('packages', line)), result: true }))
  endIfAsked()
  const { prepare } = await import('./prepare.ts')
  const plan = await prepare(root, flags)
  endIfAsked()
  const { PLAN_VARIABLE, SUPERVISOR_ENVIRONMENT, SUPERVISOR_FLAGS } = await import('./plan.ts')
  // Node announces execve as experimental on stderr; there is nothing in that for the person at the terminal.
  process.removeAllListeners('warning')
  process.execve?.(process.execPath, [process.execPath, ...SUPERVISOR_FLAGS, path.join(root, 'scripts/supervise.ts')], {
    ...process.env,
    ...SUPERVISOR_ENVIRONMENT,
    [PLAN_VARIABLE]: JSON.stringify({ ...plan, began }),
  })
}

/** Thrown where the set-up should end because a signal asked for it. */
class Ended extends Error {}

function endIfAsked(): void {
  if (ended.by !== null) throw new Ended()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    ended.by ??= signal
    void endCommands()
  })
}
surviveClosedOutput()

try {
  await start()
} catch (error) {
  releaseTaken()
  if (ended.by !== null) say('site', `stopped before the start was complete (${ended.by})`)
  else if (error instanceof StartFailure) complain(error.problems)
  else throw error
  process.exitCode = ended.by === null ? 1 : 0
}

function complain(problems: string[]): void {
  process.stderr.write(`cannot start:\n${problems.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}\n`).join('')}`)
}
