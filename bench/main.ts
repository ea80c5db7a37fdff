import { parseArgs } from 'node:util'
import { installEverything } from '../scripts/checks/prepare.ts'
import { print, say, surviveClosedOutput } from '../scripts/log.ts'

// `npm run bench`. The packages first: on a fresh clone there are none, so everything else is imported after.

const USAGE = `npm run bench               measures the built site on ports and data of its own, beside the floor of the same run
npm run bench -- <row>…     only these rows

  --rounds N    rounds, each of every row and then of its floor (3)
  --seconds N   how long a row is loaded in a round (3)
  --users N     accounts that there are (10,000)
  --incidents N incidents that there are, a tenth of them of one timer (1,000,000)
  --json FILE   where the figures go besides (test-results/bench.json)`

surviveClosedOutput()
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    users: { type: 'string', default: '10000' },
    incidents: { type: 'string', default: '1000000' },
    json: { type: 'string', default: 'test-results/bench.json' },
  },
})
if (values.help) print(USAGE)
else {
  const announce = (line: string) => say('bench', line)
  await installEverything('', announce)
  await installEverything('bench', announce)
  const { runBench } = await import('./run.ts')
  await runBench({
    only: positionals,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    users: Number(values.users),
    incidents: Number(values.incidents),
    json: values.json,
  })
}
