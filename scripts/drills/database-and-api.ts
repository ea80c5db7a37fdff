import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isStillOccupied, waitUntilReady } from '@kennwilliamson/database/embedded-readiness'
import { dieWithParent } from '@kennwilliamson/database/embedded-server'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { ROOT } from '../checks/project-root.ts'
import { runCommand } from '../commands.ts'
import { prepareEmbeddedDatabase } from '../embedded-database.ts'
import { planSteps } from '../plan-steps.ts'
import type { ServicePlan } from '../plan.ts'
import { markOf, probe, waitUntilGone } from '../processes.ts'
import { readSettings } from '../settings.ts'

export interface Options {
  /** An existing folder that other users can enter; the cluster is made in `postgres` inside it. */
  folder: string
  /** Settings of the server that replace the site's own. For negative controls. */
  databaseSettings?: Record<string, string>
  /** Called when the cluster exists and nothing runs on it yet. */
  onCluster?: (dataDir: string) => Promise<void>
}

/** PostgreSQL and the API, exactly as the site runs them (the same plan), without pages and nginx before them. */
export interface DatabaseAndApi {
  /** Where the API answers, up to and with `/backend`. */
  apiUrl: string
  /** The site's database, as the superuser: to look at what it really holds. */
  superuserUrl: string
  /** The same database, as the API signs in. */
  appUrl: string
  /** Ends the postmaster and each of its children with SIGKILL. Resolves when all are gone. */
  killDatabase: () => Promise<void>
  /** Starts the database again on the same data. Resolves when it accepts connections. */
  startDatabase: () => Promise<void>
  /** True while the very API runs that was started first. */
  apiRunsOn: () => boolean
  /** The last lines of the API. */
  apiWords: () => string
  /** Stops both. */
  stop: () => Promise<void>
}

/** A process that was started here, and its last words. */
interface Running {
  child: ChildProcess
  words: () => string
}

/** Starts both on a new cluster, with a migrated schema. Throws with the last words of what did not start. */
export async function startDatabaseAndApi({ folder, databaseSettings = {}, onCluster }: Options): Promise<DatabaseAndApi> {
  const [databasePort, apiPort] = [await findFreePort(), await findFreePort()]
  const environment = {
    DATA_DIR: folder,
    BACKEND_PORT: String(apiPort),
    POSTGRES_PORT: String(databasePort),
    // Longer than any drill: what is drilled is not the session.
    ACCESS_TOKEN_SECONDS: '86400',
    LOG_LEVEL: 'error',
  }
  const { settings, problems } = readSettings({ environment, root: ROOT, nginx: false })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const server = await prepareEmbeddedDatabase(settings, () => undefined)
  await onCluster?.(server.dataDir)
  const steps = planSteps({
    root: ROOT,
    flags: { dev: false, nginx: false, apt: false, help: false },
    settings,
    nginx: null,
    embedded: server,
    endWithUs: await dieWithParent('TERM'),
    secrets: { jwt: { value: secret() }, session: { value: secret() } },
  })
  const services = steps.flatMap((step) => ('service' in step ? [step.service] : []))
  const [postgres, api] = (['postgres', 'api'] as const).map((name) => services.find((service) => service.name === name))
  if (postgres === undefined || api === undefined) throw new Error('the plan has no database or no API')
  // What comes last on the command line is what holds.
  postgres.args.push(...Object.entries(databaseSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]))

  const state: { postgres: Running | null; api: Running | null } = { postgres: null, api: null }
  const stop = async (): Promise<void> => {
    for (const [running, signal] of [
      [state.api, 'SIGTERM'],
      [state.postgres, 'SIGINT'],
    ] as const)
      if (running !== null) await end(running.child, signal)
  }
  const startDatabase = async (): Promise<void> => {
    state.postgres = await startPostgres(postgres, server.dataDir)
  }
  try {
    await startDatabase()
    for (const step of steps)
      if ('task' in step) await runCommand(step.task.failure, step.task.command, step.task.args, step.task)
    state.api = await startApi(api, apiPort)
  } catch (error) {
    await stop()
    throw error
  }
  const { child, words } = state.api
  const superuserUrl = new URL(server.superuserUrl)
  superuserUrl.pathname = '/kennwilliamson'
  return {
    apiUrl: `http://127.0.0.1:${apiPort}/backend`,
    superuserUrl: superuserUrl.href,
    appUrl: api.env['DATABASE_URL'] ?? '',
    async killDatabase() {
      if (state.postgres !== null) await killAll(state.postgres.child)
    },
    startDatabase,
    apiRunsOn: () => child.exitCode === null && child.signalCode === null,
    apiWords: words,
    stop,
  }
}

/** Resolves when the server accepts connections. An earlier one that was killed may hold the folder for a second or two. */
async function startPostgres(plan: ServicePlan, dataDir: string): Promise<Running> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const running = launch(plan)
    if (await waitUntilReady(dataDir, running.child, deadline)) return running
    await end(running.child, 'SIGKILL')
    if (!isStillOccupied(running.words()) || Date.now() > deadline)
      throw new Error(`PostgreSQL did not start: ${running.words().trim()}`)
    await delay(100)
  }
}

async function startApi(plan: ServicePlan, port: number): Promise<Running> {
  const running = launch(plan)
  for (let tries = 0; tries < 300 && running.child.exitCode === null; tries++) {
    if ((await probe(port, plan.ready.kind === 'http' ? plan.ready.path : '/')) === 200) return running
    await delay(50)
  }
  await end(running.child, 'SIGKILL')
  throw new Error(`the API did not start: ${running.words().trim()}`)
}

function launch({ command, args, cwd, env, uid, gid }: ServicePlan): Running {
  const user = uid === undefined || gid === undefined ? {} : { uid, gid }
  const child = spawn(command, args, { cwd, env, ...user, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (words = (words + chunk).slice(-4_000)))
  child.once('error', (error) => (words += error.message))
  return { child, words: () => words }
}

/** The postmaster is stopped first, so that it can neither start a child nor take notice of one that dies. */
async function killAll(postmaster: ChildProcess): Promise<void> {
  const { pid } = postmaster
  if (pid === undefined || postmaster.exitCode !== null || postmaster.signalCode !== null) return
  const gone = new Promise((resolve) => postmaster.once('exit', resolve))
  process.kill(pid, 'SIGSTOP')
  const children = childrenOf(pid).flatMap((child) => markOf(child) ?? [])
  for (const child of children) kill(child.pid)
  process.kill(pid, 'SIGKILL')
  await gone
  if (!(await waitUntilGone(children, 5_000))) throw new Error('a child of PostgreSQL outlived its kill -9')
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone by itself meanwhile
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything: after the last one come state and parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<true>((resolve) => child.once('exit', () => resolve(true)))
  child.kill(signal)
  if (await Promise.race([gone, delay(15_000, false, { ref: false })])) return
  child.kill('SIGKILL')
  await gone
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
