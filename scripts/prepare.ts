import { existsSync } from 'node:fs'
import path from 'node:path'
import { buildFrontend } from './build.ts'
import { runCommand } from './commands.ts'
import { compileAheadArguments } from './compile-ahead.ts'
import { clusterFolder, hasCluster, installMarker, prepareEmbeddedDatabase } from './embedded-database.ts'
import { StartFailure } from './failure.ts'
import type { Flags } from './flags.ts'
import { refuseSecondStart, takeInstanceLock } from './instance-lock.ts'
import { say, step } from './log.ts'
import { provideNginx, setUpNginx, type NginxSetup } from './nginx-setup.ts'
import { SUPERVISOR_FLAGS, type Plan } from './plan.ts'
import { nightlyTask, planSteps, SMALL_HEAP, type PlanParts } from './plan-steps.ts'
import { dataFolderProblems, portProblems } from './preflight.ts'
import { provideSecret } from './secrets.ts'
import { readWrittenSettings, usedPorts, type Settings } from './settings.ts'
import { listBackups } from '@kennwilliamson/database/backup/backup-folder'
import { dieWithParent } from '@kennwilliamson/database/embedded-server'

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
    nightly: settings.BACKUP_AT === 'off' ? null : await planNightly(parts),
    accessLog: nginx?.accessLog ?? null,
    notices: flags.nginx
      ? []
      : [
          'without nginx there is no TLS, no rate limit, no compression and no cache: for a look around on this machine, not for use',
        ],
  }
}

async function planNightly(parts: PlanParts): Promise<Plan['nightly']> {
  const { BACKUP_AT, BACKUP_DIR } = parts.settings
  // A folder that cannot be read is for the night to complain about.
  const backups = await listBackups(BACKUP_DIR).catch(() => [])
  const newest = backups.find(({ name }) => !name.startsWith('before-'))
  return { at: BACKUP_AT, last: newest?.madeAt.getTime() ?? null, task: nightlyTask(parts) }
}

/** The settings and whatever stands in the way of a start, all in one message; then the data folder is ours. */
async function checkSettings(root: string, flags: Flags): Promise<Settings> {
  const { settings, problems } = readWrittenSettings(root, flags.nginx)
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
    refuseLostData(settings.DATA_DIR)
    const server = await prepareEmbeddedDatabase(settings, (line) => say('postgres', line))
    return { said: server.created ? 'data folder made' : 'data folder found', result: server }
  })
}

/** Before an empty cluster is made: an installation that had data must not begin anew because a disk is not mounted. */
function refuseLostData(dataDir: string): void {
  const marker = installMarker(dataDir)
  if (!existsSync(marker) || hasCluster(dataDir)) return
  throw new StartFailure(
    `${marker} says that this site had data, but ${clusterFolder(dataDir)} is gone: restore a backup (npm run restore -- latest), or remove that file to begin anew`,
  )
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

/** Fills the compile cache with what runs for long, in processes that end before any of it is executed. */
async function warmUp(root: string): Promise<void> {
  const warm = (flags: string[], file: string): Promise<string> =>
    runCommand('the warm-up', process.execPath, compileAheadArguments(flags, path.join(root, file)), { cwd: root })
  await Promise.all([
    warm(SUPERVISOR_FLAGS, 'scripts/supervise.ts'),
    warm(SMALL_HEAP, 'backend/src/main.ts'),
    // As backend/src/features/sharing/cards.ts starts it.
    warm(['--expose-gc', '--max-old-space-size=32', '--max-semi-space-size=1'], 'backend/src/features/sharing/card-process.ts'),
  ])
}
