import { parseArgs } from 'node:util'
import { installEverything } from './checks/prepare.ts'
import { interruptCommands } from './checks/step-command.ts'
import { endCommands } from './commands.ts'
import { DRILLS } from './checks/drills.ts'
import { StartFailure } from './failure.ts'
import { print, say, seconds, surviveClosedOutput } from './log.ts'

const USAGE = `npm run drills -- <name> [<name>…]   runs these long checks, one after the other
npm run drills                       says which there are

  --runs <n>     how many cases a property is tried with (10000)
  --rounds <n>   how often something is killed (50)`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      runs: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '50' },
    },
  })
  if (values.help || positionals.length === 0) {
    print(USAGE)
    print('')
    for (const { name, question, short } of DRILLS) print(`${name.padEnd(12)} ${question} Its short form in npm test: ${short}.`)
    return 0
  }
  const unknown = positionals.filter((name) => !DRILLS.some((drill) => drill.name === name))
  if (unknown.length > 0) throw new StartFailure(`there is no drill ${unknown.join(', ')}: npm run drills names them all`)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new StartFailure('--rounds: must be a whole number from 1 on')
  await installEverything('', (line) => say('drills', line))
  let failed = 0
  for (const drill of DRILLS.filter(({ name }) => positionals.includes(name))) {
    const began = performance.now()
    const { ok, output } = await drill.run({ runs: values.runs, rounds })
    if (!ok) failed++
    print(`${output}\n${ok ? '✓' : '✗'} ${drill.name} ${seconds(performance.now() - began)}`)
  }
  return failed === 0 ? 0 : 1
}

surviveClosedOutput()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => void Promise.all([endCommands(), interruptCommands()]).finally(() => process.exit(code)))
}
try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  print(error.message)
  process.exitCode = 1
}
