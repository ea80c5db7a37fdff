import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { RunningServer } from '@kennwilliamson/database/embedded-server'
import { addCounts, describeCounts } from './checks/counts.ts'
import { installEverything, provideChromium, provideNginx } from './checks/prepare.ts'
import { runSteps } from './checks/run-steps.ts'
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

/** What this run has started or made and must take down again, whatever happens. */
let folder: string | undefined
let server: RunningServer | undefined

async function prepare(steps: Step[], mayInstall: boolean): Promise<Run> {
  const announce = (line: string) => say('test', line)
  const needs = (need: Need) => steps.some((step) => step.needs.includes(need))
  folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-test-'))
  await installEverything('', announce)
  if (needs('nginx')) await provideNginx(mayInstall, announce)
  if (needs('e2e')) await installEverything('e2e', announce)
  const chromium = needs('browser') ? await provideChromium(mayInstall, announce) : ''
  if (needs('database')) {
    // Imported here, because on a fresh clone there are no packages before this.
    const { startEmbeddedServer } = await import('@kennwilliamson/database/embedded-server')
    const dataDir = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-database-'))
    server = await startEmbeddedServer({ dataDir, port: 0, durable: false })
  }
  return { folder, superuserUrl: server?.url ?? '', chromium }
}

async function cleanUp(): Promise<void> {
  await Promise.all([endCommands(), interruptCommands()])
  await server?.stop()
  for (const made of [folder, server?.dataDir]) if (made !== undefined) await rm(made, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, 'no-apt': { type: 'boolean' } },
  })
  if (values.help) return (print(USAGE), 0)
  if (values.list) return (STEPS.forEach(({ name, question }) => print(`${name.padEnd(13)} ${question}`)), 0)
  const steps = chooseSteps(positionals)
  const finished = await runSteps(steps, await prepare(steps, !values['no-apt']), print)
  const failed = finished.filter((step) => step.failed > 0)
  if (failed.length > 0) print(`\nfailed: ${failed.map(({ name }) => name).join(', ')}`)
  const sum = addCounts(finished)
  await cleanUp()
  print(describeCounts(sum))
  return sum.failed === 0 ? 0 : 1
}

surviveClosedOutput()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    say('test', `${signal}: stopping everything`)
    void cleanUp().finally(() => process.exit(code))
  })
}
try {
  process.exitCode = await main()
} catch (error) {
  const isExpected = error instanceof StartFailure || (error instanceof TypeError && 'code' in error)
  print(isExpected ? error.message : String(error instanceof Error ? error.stack : error))
  await cleanUp()
  print(describeCounts({ passed: 0, failed: 1, skipped: 0 }))
  process.exitCode = 1
}
