import { parseArgs } from 'node:util'
import { installEverything, provideChromium } from '../scripts/checks/prepare.ts'
import { StartFailure } from '../scripts/failure.ts'
import { print, say, surviveClosedOutput } from '../scripts/log.ts'

// `npm run bench`. The packages first: on a fresh clone there are none, so everything else is imported after.

const USAGE = `npm run bench               measures the built site on ports and data of its own, beside the floor of the same run
npm run bench -- <row>…     only these rows

  --rounds N    rounds, each of every row and then of its floor (3)
  --seconds N   how long a row is loaded in a round (2)
  --users N     accounts that there are (10,000)
  --incidents N incidents that there are, a tenth of them of one timer (1,000,000)
  --json FILE   where the figures go besides (test-results/bench.json)`

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new StartFailure(`--${name} ${text}: must be a whole number from 1 on`)
  return Number(text)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      users: { type: 'string', default: '10000' },
      incidents: { type: 'string', default: '1000000' },
      json: { type: 'string', default: 'test-results/bench.json' },
    },
  })
  if (values.help) {
    print(USAGE)
    return
  }
  const options = {
    only: positionals,
    rounds: wholeNumber('rounds', values.rounds),
    seconds: wholeNumber('seconds', values.seconds),
    users: wholeNumber('users', values.users),
    incidents: wholeNumber('incidents', values.incidents),
    json: values.json,
  }
  const announce = (line: string) => say('bench', line)
  await installEverything('', announce)
  await installEverything('bench', announce)
  const { runBench, wants, PAINTS } = await import('./run.ts')
  if (wants(options.only, PAINTS)) await installEverything('e2e', announce)
  const chromium = wants(options.only, PAINTS) ? await provideChromium(true, announce) : ''
  await runBench({ ...options, chromium })
}

surviveClosedOutput()
try {
  await main()
} catch (error) {
  // Arguments that parseArgs does not know, and what a person can mend, need no stack.
  const isExpected = error instanceof StartFailure || (error instanceof TypeError && 'code' in error)
  print(isExpected ? error.message : String(error instanceof Error ? error.stack : error))
  process.exitCode = 1
}
