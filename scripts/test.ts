import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { RunningServer } from '@kennwilliamson/database/embedded-server'
import { addCounts, describeCounts } from './checks/counts.ts'
import { installEverything, provideChromium, provideNginx, provideShellcheck } from './checks/prepare.ts'
import { runSteps, type Finished } from './checks/run-steps.ts'
import { interruptCommands } from './checks/step-command.ts'
import { STEPS, type Need, type Run, type Step } from './checks/steps.ts'
import { endCommands } from './commands.ts'
import { StartFailure } from './failure.ts'
import { print, say, surviveClosedOutput } from './log.ts'

const USAGE = `npm test                       runs every check of this project
npm test -- <step> [<step>…]   runs only these
npm test -- --list             says which steps there are

  --no-apt   never install anything on this machine`

/** The steps that the arguments name, all when they name none. */
function chooseSteps(names: string[]): Step[] {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name))
  if (unknown.length > 0) throw new StartFailure(`there is no step ${unknown.join(', ')}: npm test -- --list names them all`)
  return names.length === 0 ? STEPS : STEPS.filter((step) => names.includes(step.name))
}

/** What this run has made or started and must take down again, whatever happens. */
const made: string[] = []
let server: Promise<RunningServer> | undefined
/** The exit code that an interruption asks for. */
let interrupted: number | undefined

async function makeFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `kennwilliamson-${purpose}-`))
  made.push(folder)
  return folder
}

async function prepare(steps: Step[], mayInstall: boolean): Promise<Run> {
  const announce = (line: string) => say('test', line)
  const needs = (need: Need) => steps.some((step) => step.needs.includes(need))
  const folder = await makeFolder('reports')
  await installEverything('', announce)
  if (needs('nginx')) await provideNginx(mayInstall, announce)
  if (needs('shellcheck')) await provideShellcheck(mayInstall, announce)
  if (needs('e2e')) await installEverything('e2e', announce)
  if (needs('bench')) await installEverything('bench', announce)
  const chromium = needs('browser') ? await provideChromium(mayInstall, announce) : ''
  if (needs('database') && interrupted === undefined) {
    // Imported here, because on a fresh clone there are no packages before this.
    const { startEmbeddedServer } = await import('@kennwilliamson/database/embedded-server')
    server = startEmbeddedServer({ dataDir: await makeFolder('database'), port: 0, durable: false })
  }
  return { folder, superuserUrl: (await server)?.url ?? '', chromium }
}

async function cleanUp(): Promise<void> {
  await Promise.all([endCommands(), interruptCommands()])
  const started = await server?.catch(() => undefined)
  await started?.stop()
  if (started !== undefined) made.push(started.dataDir)
  for (const folder of made) await rm(folder, { recursive: true, force: true })
}

function reportSteps(finished: Finished[]): number {
  const failed = finished.filter((step) => step.failed > 0)
  if (failed.length > 0) print(`\nfailed: ${failed.map(({ name }) => name).join(', ')}`)
  // Once more at the end, which is the part of a long log that is kept and read.
  for (const { name, failures = [] } of failed) for (const failure of failures.slice(0, 20)) print(`  ${name}: ${failure}`)
  const sum = addCounts(finished)
  print(describeCounts(sum))
  return sum.failed === 0 ? 0 : 1
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, 'no-apt': { type: 'boolean' } },
  })
  if (values.help) return (print(USAGE), 0)
  if (values.list) return (STEPS.forEach(({ name, question }) => print(`${name.padEnd(13)} ${question}`)), 0)
  const steps = chooseSteps(positionals)
  try {
    const run = await prepare(steps, !values['no-apt'])
    const finished = await runSteps(steps, run, print, () => interrupted !== undefined)
    return interrupted ?? reportSteps(finished)
  } finally {
    await cleanUp()
  }
}

surviveClosedOutput()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    if (interrupted !== undefined) return
    interrupted = code
    say('test', `${signal}: stopping everything`)
    // What runs ends, and with it the run: `main` takes down the rest on its way out.
    void Promise.all([endCommands(), interruptCommands()])
  })
}
try {
  process.exitCode = await main()
} catch (error) {
  process.exitCode = interrupted ?? 1
  if (interrupted === undefined) {
    // Arguments that parseArgs does not know, and what a person can mend, need no stack.
    const isExpected = error instanceof StartFailure || (error instanceof TypeError && 'code' in error)
    print(isExpected ? error.message : String(error instanceof Error ? error.stack : error))
    print(describeCounts({ passed: 0, failed: 1, skipped: 0 }))
  }
}
