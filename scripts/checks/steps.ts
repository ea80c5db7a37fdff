import { existsSync } from 'node:fs'
import path from 'node:path'
import { buildFrontend } from '../build.ts'
import { countPlaywright, countReport, countVitest, type Counts } from './counts.ts'
import { hasEngine } from './docker-engine.ts'
import { ROOT } from './project-root.ts'
import { runStepCommand, runTool, type Ending } from './step-command.ts'

/** What must be there before a step can run. */
export type Need = 'database' | 'nginx' | 'e2e' | 'bench' | 'browser' | 'shellcheck'

/** What the steps of one run share. */
export interface Run {
  /** A folder for reports, gone after the run. */
  folder: string
  /** A throw-away PostgreSQL; empty when no chosen step needs one. */
  superuserUrl: string
  /** The Chromium of this machine; empty when no chosen step needs one. */
  chromium: string
}

export interface StepResult extends Counts {
  output: string
}

export interface Step {
  name: string
  question: string
  needs: Need[]
  /** Light steps run two at a time; heavy ones alone, because they need both cores or measure something. */
  isHeavy: boolean
  run: (run: Run) => Promise<StepResult>
}

/** In the order in which they fail fast. */
export const STEPS: Step[] = [
  light('format', 'Is everything formatted?', () =>
    plain(runTool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.'])),
  ),
  light('lint', 'Do code and SQL keep the rules?', lint, ['database']),
  light('shell', 'Do the shell scripts keep the rules?', lintShell, ['shellcheck']),
  light('types', 'Do the types hold, in pages too?', checkTypes, ['e2e', 'bench']),
  light('architecture', 'Does each file import only what it may?', (run) => vitest(run, 'architecture')),
  light('dead-code', 'Is everything used, and everything declared?', () => plain(runTool('knip/bin/knip.js', ['--no-progress']))),
  light('unit', 'Do the rules compute what they should?', (run) => vitest(run, 'unit')),
  light('components', 'Do the components behave?', (run) => vitest(run, 'components', 'frontend')),
  heavy('build', 'Can the frontend be built?', build),
  // These wait for an engine, a database and processes as much as they work.
  light('images', 'Do the images of the containers build?', buildImages),
  light('api', 'Does the API answer as the contract says, on a real PostgreSQL?', (run) => vitest(run, 'db'), ['database']),
  light('nginx', 'Does nginx take the configuration and keep its promises?', (run) => vitest(run, 'nginx'), ['nginx']),
  heavy('start', 'Does one command start all of it, and stop it cleanly?', (run) => vitest(run, 'stack'), ['nginx']),
  heavy('browser', 'Does the whole site work in a real browser?', browse, ['nginx', 'e2e', 'browser']),
  // Last: networks that come and go are changes of network to a browser. And alone, because they are watched under load.
  heavy('containers', 'Do the containers boot and keep their promises?', runContainers),
]

function light(name: string, question: string, run: Step['run'], needs: Need[] = []): Step {
  return { name, question, needs, isHeavy: false, run }
}

function heavy(name: string, question: string, run: Step['run'], needs: Need[] = []): Step {
  return { name, question, needs, isHeavy: true, run }
}

/** The result of a step that is one check: one passed or one failed. */
async function plain(ending: Promise<Ending>): Promise<StepResult> {
  const { ok, output } = await ending
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, output }
}

async function lint({ superuserUrl }: Run): Promise<StepResult> {
  // Imported here, because this file must load before there are any packages.
  const { createLintDatabase } = await import('./lint-database.ts')
  const SAFEQL_DATABASE_URL = await createLintDatabase(superuserUrl, 'kennwilliamson_lint')
  return plain(runTool('eslint/bin/eslint.js', ['--max-warnings=0', '.'], { env: { SAFEQL_DATABASE_URL } }))
}

async function lintShell(): Promise<StepResult> {
  const { output } = await runStepCommand('git', ['ls-files', '*.sh', '.ci/run'], { cwd: ROOT })
  const files = output.split('\n').filter((file) => file !== '' && existsSync(path.join(ROOT, file)))
  return plain(runStepCommand('shellcheck', ['--external-sources', ...files], { cwd: ROOT }))
}

const NO_ENGINE: StepResult = { passed: 0, failed: 0, skipped: 1, output: 'no Docker engine answers here' }

/** Beforehand, beside other steps: the step `containers` finds them built. Skipped, and counted so, where no engine answers. */
async function buildImages(): Promise<StepResult> {
  if (!(await hasEngine())) return NO_ENGINE
  // Imported here, because this file must load before there are any packages.
  const { buildLocalProd } = await import('../containers/build-images.ts')
  return { passed: 1, failed: 0, skipped: 0, output: await buildLocalProd() }
}

/** Skipped, and counted so, where no engine answers. */
async function runContainers(run: Run): Promise<StepResult> {
  return (await hasEngine()) ? vitest(run, 'containers') : NO_ENGINE
}

async function checkTypes(): Promise<StepResult> {
  const endings = [
    await runTool('typescript/bin/tsc', ['-p', '.']),
    await runTool('typescript/bin/tsc', ['-p', 'e2e']),
    await runTool('typescript/bin/tsc', ['-p', 'bench']),
    await runTool('nuxt/bin/nuxt.mjs', ['typecheck'], { cwd: path.join(ROOT, 'frontend') }),
  ]
  const failed = endings.filter(({ ok }) => !ok)
  const output = failed.map((ending) => ending.output).join('\n')
  return { passed: endings.length - failed.length, failed: failed.length, skipped: 0, output }
}

async function vitest({ folder, superuserUrl }: Run, project: string, cwd = ''): Promise<StepResult> {
  const report = path.join(folder, `${project}.json`)
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { ok, output } = await runTool(
    'vitest/vitest.mjs',
    cwd === '' ? [...args, '--project', project] : [...args, '--config', 'vitest.config.ts'],
    {
      cwd: path.join(ROOT, cwd),
      env: superuserUrl === '' ? {} : { TEST_DATABASE_URL: superuserUrl },
    },
  )
  return { ...(await countReport(report, ok, countVitest)), output }
}

async function build(): Promise<StepResult> {
  const output = await buildFrontend(ROOT, () => undefined)
  return { passed: 1, failed: 0, skipped: 0, output }
}

async function browse({ folder, chromium }: Run): Promise<StepResult> {
  const report = path.join(folder, 'browser.json')
  const { ok, output } = await runStepCommand(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--reporter=line,json'],
    {
      cwd: path.join(ROOT, 'e2e'),
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report, E2E_CHROMIUM: chromium },
    },
  )
  return { ...(await countReport(report, ok, countPlaywright)), output }
}
