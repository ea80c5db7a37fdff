import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { buildFrontend } from './build.ts'
import { runCommand } from './commands.ts'
import { StartFailure } from './failure.ts'
import type { Flags } from './flags.ts'
import { refuseSecondStart, takeInstanceLock } from './instance-lock.ts'
import { say, step } from './log.ts'
import { provideNginx, setUpNginx, type NginxSetup } from './nginx-setup.ts'
import { SUPERVISOR_FLAGS, type Plan } from './plan.ts'
import { planSteps, SMALL_HEAP, type PlanParts } from './plan-steps.ts'
import { dataFolderProblems, portProblems } from './preflight.ts'
import { readSecret, provideSecret } from './secrets.ts'
import { readSettings, usedPorts, type Settings } from './settings.ts'
import { dieWithParent, EmbeddedServerError, prepareEmbeddedServer } from '@kennwilliamson/database/embedded-server'

/** Everything between the installed packages and the first started program: checks, build, certificate, data folder. */
export async function prepare(root: string, flags: Flags): Promise<Plan> {
  const settings = await checkSettings(root, flags)
  // Before the build, so that nobody waits for that to be told what is missing.
  const program = flags.nginx ? await provideNginx(flags.apt, (line) => say('nginx', line)) : null
  const build = flags.dev
    ? null
    : await step('build', async () => ({ said: await buildFrontend(root, (line) => say('build', line)), result: true }))
  const nginx = program === null ? null : await prepareNginx(root, flags, settings, program)
  const embedded = settings.DATABASE_URL === undefined ? await prepareDatabase(settings) : null
  const parts: PlanParts = {
    root,
    flags,
    settings,
    nginx,
    embedded,
    endWithUs: await dieWithParent('TERM'),
    secrets: secretFiles(settings),
  }
  if (build !== null) await warmUp(root)
  return {
    root,
    dataDir: settings.DATA_DIR,
    siteUrl: settings.SITE_URL,
    steps: planSteps(parts),
    accessLog: nginx?.accessLog ?? null,
    notices: flags.nginx
      ? []
      : [
          'without nginx there is no TLS, no rate limit, no compression and no cache: for a look around on this machine, not for use',
        ],
  }
}

/** The settings and whatever stands in the way of a start, all in one message; then the data folder is ours. */
async function checkSettings(root: string, flags: Flags): Promise<Settings> {
  const file = path.join(root, '.env')
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const { settings, problems } = readSettings({ environment: { ...written, ...process.env }, root, nginx: flags.nginx })
  refuseSecondStart(settings.DATA_DIR)
  problems.push(...dataFolderProblems(settings.DATA_DIR))
  // First the lock, which ends what a killed supervisor may have left: that would hold our ports.
  if (problems.length === 0) await takeInstanceLock(settings.DATA_DIR, settings.SITE_URL)
  const checked = Object.entries(usedPorts(settings, flags.nginx)).filter(
    ([name]) => !problems.some((problem) => problem.startsWith(name)),
  )
  problems.push(...(await portProblems(checked, flags.nginx)))
  if (problems.length > 0) throw new StartFailure(problems)
  if (settings.DATABASE_URL !== undefined && settings.MIGRATION_DATABASE_URL === undefined) {
    say('settings', 'warning: MIGRATION_DATABASE_URL is not set, so DATABASE_URL migrates too: its role can change the schema')
  }
  return settings
}

async function prepareNginx(root: string, flags: Flags, settings: Settings, program: string): Promise<NginxSetup> {
  return step('nginx', async () => {
    const announce = (line: string): void => say('nginx', line)
    const publicFolder = path.join(root, 'frontend/.output/public')
    return { said: 'configured', result: await setUpNginx({ program, settings, publicFolder, dev: flags.dev, announce }) }
  })
}

async function prepareDatabase(settings: Settings): Promise<NonNullable<PlanParts['embedded']>> {
  return step('postgres', async () => {
    const dataDir = path.join(settings.DATA_DIR, 'postgres')
    refuseLostData(settings.DATA_DIR, dataDir)
    const passwords = {
      owner: readSecret(provideSecret(settings.DATA_DIR, 'postgres-owner')),
      app: readSecret(provideSecret(settings.DATA_DIR, 'postgres-app')),
    }
    // A new password would not open a cluster that was made with another one: without it, the server says that it is lost.
    const isLost =
      existsSync(path.join(dataDir, 'PG_VERSION')) && !existsSync(path.join(settings.DATA_DIR, 'secrets/postgres-superuser'))
    const password = isLost ? {} : { password: readSecret(provideSecret(settings.DATA_DIR, 'postgres-superuser')) }
    const log = (line: string): void => say('postgres', line)
    try {
      const server = await prepareEmbeddedServer({
        dataDir,
        port: settings.POSTGRES_PORT,
        durable: true,
        ...password,
        log,
      })
      return { said: server.created ? 'data folder made' : 'data folder found', result: { server, passwords } }
    } catch (error) {
      throw error instanceof EmbeddedServerError ? new StartFailure(`DATA_DIR: ${error.message}`) : error
    }
  })
}

/** Before an empty cluster is made: an installation that had data must not begin anew because a disk is not mounted. */
function refuseLostData(dataDir: string, cluster: string): void {
  const marker = installMarker(dataDir)
  const isThere = [cluster, `${cluster}.location`].some((file) => existsSync(file))
  if (!existsSync(marker) || isThere) return
  throw new StartFailure(
    `${marker} says that this site had data, but ${cluster} is gone: restore a backup, or remove that file to begin anew`,
  )
}

function installMarker(dataDir: string): string {
  return path.join(dataDir, 'installed.json')
}

/** Secrets that were not given are generated once, so that sessions outlive a restart. */
function secretFiles(settings: Settings): PlanParts['secrets'] {
  return {
    jwt:
      settings.JWT_SECRET === undefined
        ? { file: provideSecret(settings.DATA_DIR, 'jwt-secret') }
        : { value: settings.JWT_SECRET },
    session:
      settings.NUXT_SESSION_PASSWORD === undefined
        ? { file: provideSecret(settings.DATA_DIR, 'nuxt-session-password') }
        : { value: settings.NUXT_SESSION_PASSWORD },
  }
}

/**
 * Fills the compile cache with what runs for long, in processes that end before any of it is executed: the first module of
 * the graph exits. A process that strips types itself keeps 18 MB for having done so. V8 takes from the cache only what was
 * compiled under the same flags.
 */
async function warmUp(root: string): Promise<void> {
  const first = 'data:text/javascript,import{flushCompileCache}from"node:module";flushCompileCache();process.exit()'
  const warm = (flags: string[], file: string): Promise<string> => {
    const code = [first, path.join(root, file)].map((name) => `import ${JSON.stringify(name)}`).join('\n')
    return runCommand('the warm-up', process.execPath, [...flags, '--input-type=module', '--eval', code], { cwd: root })
  }
  await Promise.all([warm(SUPERVISOR_FLAGS, 'scripts/supervise.ts'), warm(SMALL_HEAP, 'backend/src/main.ts')])
}
