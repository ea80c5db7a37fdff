import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from './project-root.ts'
import { runTool, type Ending } from './step-command.ts'

/** A long form of a check. Every one has a short form in `npm test`. */
export interface Drill {
  name: string
  question: string
  short: string
  run: (options: { runs: string }) => Promise<Ending>
}

/** A day: the drill ends when it is done, not when a clock says so. */
const NO_HURRY = ['--testTimeout=86400000', '--hookTimeout=86400000']

export const DRILLS: Drill[] = [
  {
    name: 'properties',
    question: 'Do the properties hold for many thousand cases each?',
    short: 'the same properties, some hundred cases each, in unit and api',
    run: async ({ runs }) =>
      runTool('vitest/vitest.mjs', ['run', '--project=unit', '--project=db', ...NO_HURRY, ...(await propertyTests())], {
        env: { FC_RUNS: runs },
      }),
  },
  {
    name: 'order',
    question: 'Does each test pass whatever ran before it?',
    short: 'each file once, in its own order, in unit and api',
    run: async () => {
      const endings: Ending[] = []
      for (const seed of ['1', '2', '3']) {
        const args = ['run', '--project=unit', '--project=db', '--sequence.shuffle.tests', `--sequence.seed=${seed}`]
        endings.push(await runTool('vitest/vitest.mjs', args))
      }
      return { ok: endings.every(({ ok }) => ok), output: endings.map(({ output }) => output).join('\n') }
    },
  },
]

/** The test files that try properties, found by what they import. */
async function propertyTests(): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['contracts', 'backend/src', 'frontend/shared', 'frontend/app', 'frontend/server', 'database/src']) {
    for (const file of await readdir(path.join(ROOT, folder), { recursive: true })) {
      if (!/(?<!\.nuxt)\.test\.ts$/.test(file) || file.includes('node_modules')) continue
      if (/from 'fast-check'/.test(await readFile(path.join(ROOT, folder, file), 'utf8'))) found.push(path.join(folder, file))
    }
  }
  return found
}
