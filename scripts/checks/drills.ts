import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { print } from '../log.ts'
import { installEverything, provideChromium, provideNginx } from './prepare.ts'
import { ROOT } from './project-root.ts'
import { runStepCommand, runTool, type Ending } from './step-command.ts'

/** A long form of a check. Every one has a short form in `npm test`. */
export interface Drill {
  name: string
  question: string
  short: string
  run: (options: { runs: string; rounds: number }) => Promise<Ending>
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
    name: 'fuzz',
    question: 'Does every route answer ten thousand random requests as its document says, and as many that are wrong?',
    short: 'four and eight of each route, in api',
    run: ({ runs }) =>
      runTool('vitest/vitest.mjs', ['run', '--project=db', ...NO_HURRY, 'backend/src/fuzz'], { env: { FC_RUNS: runs } }),
  },
  {
    name: 'rotation',
    question: 'Do ten thousand random histories of a session go as the rules of refresh tokens say?',
    short: 'some hundred histories, in api',
    run: ({ runs }) =>
      runTool('vitest/vitest.mjs', ['run', '--project=db', ...NO_HURRY, 'auth/rotation-histories'], { env: { FC_RUNS: runs } }),
  },
  {
    name: 'refreshes',
    question: 'Does each of 20 tabs get the same successor, 200 times?',
    short: '20 times, in api',
    run: () =>
      runTool('vitest/vitest.mjs', ['run', '--project=db', ...NO_HURRY, 'auth/parallel-refresh'], {
        env: { REFRESH_ROUNDS: '200' },
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
  {
    name: 'power-loss',
    question: 'Is every acknowledged write there after all of PostgreSQL was killed, and would a loss be noticed?',
    short: '3 rounds, in start',
    run: async ({ rounds }) => {
      // Imported here, because on a fresh clone there are no packages before a drill runs.
      const { drillPowerLossAndControl } = await import('../drills/power-loss.ts')
      return { ok: await drillPowerLossAndControl(rounds, print), output: '' }
    },
  },
  {
    name: 'kills',
    question: 'Is every part back within 5 s, whichever is killed, and nothing lost that was acknowledged?',
    short: 'each part once, in start',
    run: async ({ rounds }) => {
      const { drillKills } = await import('../drills/kills.ts')
      return { ok: await drillKills(rounds, print), output: '' }
    },
  },
  {
    name: 'viewers',
    question: 'Do 200 viewers of a timer see each reset within a second, and cost 20 MB at most?',
    short: '20 viewers, in api',
    run: () => runTool('vitest/vitest.mjs', ['run', '--project=db', ...NO_HURRY, 'sharing/streams'], { env: { VIEWERS: '200' } }),
  },
  {
    name: 'reloads',
    question: 'Does nginx read its configuration anew 100 times under load, and nobody notices?',
    short: '10 times, in nginx',
    run: () =>
      runTool('vitest/vitest.mjs', ['run', '--project=nginx', ...NO_HURRY, 'nginx/reload'], { env: { NGINX_RELOADS: '100' } }),
  },
  {
    name: 'wall',
    question: 'Does a clock on a wall keep nothing of 24 hours?',
    short: 'an hour, in browser',
    run: async () => {
      const announce = (line: string) => print(line)
      await provideNginx(true, announce)
      await installEverything('e2e', announce)
      const E2E_CHROMIUM = await provideChromium(true, announce)
      return runStepCommand(process.execPath, ['node_modules/@playwright/test/cli.js', 'test', 'wall', '--reporter=line'], {
        cwd: path.join(ROOT, 'e2e'),
        env: { E2E_CHROMIUM, WALL_HOURS: '24' },
      })
    },
  },
  {
    name: 'containers',
    question:
      'Do 50,000 requests survive rolling restarts, two minutes of load their limits, and all of it half a minute without database?',
    short: 'some thousand requests, 15 s of load, 8 s without database, in containers',
    run: () =>
      runTool(
        'vitest/vitest.mjs',
        ['run', '--project=containers', ...NO_HURRY, 'scripts/containers/local-prod', 'scripts/containers/faults'],
        {
          env: { LONG_FORM: 'yes' },
        },
      ),
  },
]

/** The test files that try properties, found by what they import. */
async function propertyTests(): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['contracts', 'backend/src', 'frontend/shared', 'frontend/app', 'frontend/server', 'database/src']) {
    for (const file of await readdir(path.join(ROOT, folder), { recursive: true })) {
      if (!/(?<!\.nuxt)\.test\.ts$/.test(file) || file.includes('node_modules')) continue
      // A drill of its own: each case of it is a request.
      if (file === 'fuzz.db.test.ts') continue
      if (/from 'fast-check'/.test(await readFile(path.join(ROOT, folder, file), 'utf8'))) found.push(path.join(folder, file))
    }
  }
  return found
}
