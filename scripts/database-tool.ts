import { spawn } from 'node:child_process'
import path from 'node:path'
import { startEmbeddedServer } from '@kennwilliamson/database/embedded-server'
import { clusterFolder, databaseVariables, hasCluster, superuserPassword } from './embedded-database.ts'
import { StartFailure } from './failure.ts'
import { findInstance, releaseTaken, takeInstanceLock } from './instance-lock.ts'
import { say } from './log.ts'
import { commonEnvironment } from './plan-steps.ts'
import { dataFolderProblems } from './preflight.ts'
import { readSecret, provideSecret } from './secrets.ts'
import { readWrittenSettings, type Settings } from './settings.ts'

export interface ToolOptions {
  root: string
  /** What the person typed, for whoever finds the data in use. */
  command: string
  /** What the tool is to do. */
  args: string[]
}

/** A program that works on the database of this installation. */
interface Tool extends ToolOptions {
  /** Its file, in the checkout. */
  program: string
  /** Refuse while the site runs, and make an empty cluster where there is none. */
  isRestore: boolean
  /** What it takes from the environment beside the database. */
  variables: Record<string, string>
}

/** The settings that matter to these tools: a wrong one of another part is not in the way. */
const OURS = /^(DATA_DIR|POSTGRES_PORT|BACKUP_\w+|(MIGRATION_)?DATABASE_URL(_FILE)?|SUPERUSER_URL(_FILE)?):/
const OURS_AND_THE_ADDRESS = new RegExp(`${OURS.source}|^(SITE_URL|HTTPS_PORT):`)

/**
 * Runs the backup tool on this installation: on its running database, or else on the embedded one, which runs for as long as that
 * takes, under the lock that a start takes. Resolves to the tool's exit code. Throws `StartFailure` in words for the terminal.
 */
export async function runBackupTool(options: ToolOptions & { isRestore: boolean }): Promise<number> {
  const settings = settingsFor(options.root, OURS)
  return onDatabase(settings, { ...options, program: 'database/src/backup-cli.ts', variables: {} })
}

/** Runs the operator's commands for accounts, in the same way. Links begin with the address at which the site runs. */
export async function runAdminTool(options: ToolOptions): Promise<number> {
  const settings = settingsFor(options.root, OURS_AND_THE_ADDRESS)
  const SITE_URL = findInstance(settings.DATA_DIR)?.siteUrl ?? settings.SITE_URL
  return onDatabase(settings, { ...options, program: 'backend/src/admin-cli.ts', isRestore: false, variables: { SITE_URL } })
}

function settingsFor(root: string, ours: RegExp): Settings {
  const { settings, problems } = readWrittenSettings(root, true)
  const inTheWay = problems.filter((problem) => ours.test(problem))
  if (inTheWay.length > 0) throw new StartFailure(inTheWay)
  return settings
}

async function onDatabase(settings: Settings, tool: Tool): Promise<number> {
  const running = findInstance(settings.DATA_DIR)
  if (running !== null && tool.isRestore)
    throw new StartFailure(`stop the site first: ${running.siteUrl} (pid ${running.pid}); a restore replaces all of its data`)
  if (settings.DATABASE_URL !== undefined) return runTool(tool, databaseVariables(settings, null))
  if (running !== null) return runTool(tool, databaseVariables(settings, runningSuperuser(settings)))
  return withEmbedded(settings, tool)
}

async function withEmbedded(settings: Settings, options: Tool): Promise<number> {
  const { DATA_DIR } = settings
  if (!options.isRestore && !hasCluster(DATA_DIR))
    throw new StartFailure(`there is no database in ${DATA_DIR}: npm start makes one`)
  const problems = dataFolderProblems(DATA_DIR)
  if (problems.length > 0) throw new StartFailure(problems)
  await takeInstanceLock(DATA_DIR, options.command)
  const server = await startEmbeddedServer({
    dataDir: clusterFolder(DATA_DIR),
    port: 0,
    durable: true,
    ...superuserPassword(DATA_DIR),
    log: (line) => say('postgres', line),
  }).catch((error: unknown) => {
    releaseTaken()
    throw new StartFailure(`DATA_DIR: ${(error as Error).message}`)
  })
  const variables = databaseVariables(settings, server.url)
  try {
    const code = await runProgram(options.root, ['database/src/roles-cli.ts'], variables, 'ignore')
    return code === 0 ? await runTool(options, variables) : code
  } finally {
    await server.stop()
    releaseTaken()
  }
}

/** The address of the database that runs, as the superuser. */
export function runningSuperuser({ DATA_DIR, POSTGRES_PORT }: Settings): string {
  const password = readSecret(provideSecret(DATA_DIR, 'postgres-superuser'))
  return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${POSTGRES_PORT}/postgres`
}

function runTool({ root, program, args, variables }: Tool, database: Record<string, string>): Promise<number> {
  return runProgram(root, [program, ...args], { ...database, ...variables }, 'inherit')
}

/** The program's own words are for the terminal; a signal to us ends it, and then we clean up. */
async function runProgram(
  root: string,
  [program = '', ...args]: string[],
  variables: Record<string, string>,
  output: 'inherit' | 'ignore',
): Promise<number> {
  const child = spawn(process.execPath, [path.join(root, program), ...args], {
    cwd: root,
    env: { ...commonEnvironment(), ...variables },
    stdio: ['ignore', output, 'inherit'],
  })
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, pass)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  for (const signal of signals) process.off(signal, pass)
  return code ?? 1
}
