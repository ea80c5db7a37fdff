import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  canReach,
  canRun,
  copyServer,
  EmbeddedServerError,
  exists,
  findPackagedServer,
  findUser,
  SYSTEM_FOLDER,
} from './embedded-binaries.ts'
import type { Identity } from './embedded-binaries.ts'
import { findFreePort } from './free-ports.ts'
import { isStillOccupied, waitUntilReady } from './embedded-readiness.ts'
import { createCluster, inspectCluster, serverEnvironment, SUPERUSER } from './embedded-cluster.ts'

export { EmbeddedServerError }

const run = promisify(execFile)

export interface EmbeddedServerOptions {
  /**
   * The folder of the cluster. Started as root, the server runs as another user, who must be able to enter every parent of
   * this folder: a test gives the folder that `mkdtemp` made itself, not one inside it.
   */
  dataDir: string
  port: number
  /** False only for tests: nothing is forced to disk, so a crash of the machine may lose or spoil everything. */
  durable: boolean
  /** The superuser's password; needed for a folder that has data, invented for a new one when absent. */
  password?: string
  /** Told what a person at the terminal should know, one line each. */
  log?: (line: string) => void
}

/** What a process must spawn, as the direct parent, to run the server. SIGINT stops it fast and clean. */
export interface PreparedServer {
  command: string
  args: string[]
  /** To be handed to `spawn`: environment, working folder and, for root, the other user. */
  options: { env: Record<string, string>; cwd: string; uid?: number; gid?: number }
  /** Where the data really is: not always where it was wanted, see `prepareEmbeddedServer`. */
  dataDir: string
  port: number
  superuserUrl: string
  /** True when this call made the cluster. */
  created: boolean
}

export interface RunningServer {
  url: string
  port: number
  dataDir: string
  child: ChildProcess
  /** Ends all sessions and stops the server; resolves when the process is gone. */
  stop: () => Promise<void>
}

/**
 * Settings of the embedded server, all on its command line, so that the code and not a file in the data folder decides.
 * Sized for a machine with 1 GB; statement timeouts belong to the application's role, since migrations and exports take longer.
 */
export function serverSettings(port: number, durable: boolean): Record<string, string> {
  const force = durable ? 'on' : 'off'
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '40',
    shared_buffers: '48MB',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    // The packaged server has no LLVM, and parallel workers cost more than they give on such a machine.
    jit: 'off',
    max_worker_processes: '2',
    max_parallel_workers_per_gather: '0',
    autovacuum_max_workers: '1',
    // Nobody replicates from it yet; minimal WAL is less to write and to replay.
    wal_level: 'minimal',
    max_wal_senders: '0',
    // With any, each checkpoint makes a file for them, and on a full disk the whole server goes down over it.
    max_replication_slots: '0',
    max_logical_replication_workers: '0',
    archive_mode: 'off',
    max_wal_size: '256MB',
    min_wal_size: '32MB',
    fsync: force,
    full_page_writes: force,
    synchronous_commit: force,
    huge_pages: 'off',
    TimeZone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '',
    log_checkpoints: 'off',
    // A statement and the row it failed on hold addresses, hashes and notes, which no log may hold.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    lc_messages: 'C',
    password_encryption: 'scram-sha-256',
    authentication_timeout: '10s',
    idle_in_transaction_session_timeout: '60s',
    // A client that vanished must not keep its query, its locks or its slot.
    client_connection_check_interval: '5s',
    tcp_keepalives_idle: '60',
    tcp_keepalives_interval: '10',
    tcp_keepalives_count: '3',
  }
}

/**
 * Makes the server ready to be spawned: completes the package, creates the cluster in an empty folder, and finds a user
 * and a place to run it. PostgreSQL refuses root, so root runs it as the folder's owner, or as `nobody` for a new one.
 * Where that user cannot reach the binaries or the data, a copy of the server and the data live in /var/lib/kennwilliamson
 * (a note `<dataDir>.location` keeps that choice), and `log` is told. Throws `EmbeddedServerError` with one clear sentence.
 */
export async function prepareEmbeddedServer(options: EmbeddedServerOptions): Promise<PreparedServer> {
  const log = options.log ?? (() => undefined)
  const packaged = await findPackagedServer()
  const wanted = path.resolve(options.dataDir)
  const identity = await chooseIdentity(wanted)

  let folder = packaged.folder
  if (!(await canRun(folder, identity))) {
    if (identity === null) throw new EmbeddedServerError(`the PostgreSQL in ${folder} does not run on this machine`)
    folder = await copyServer(packaged.folder, packaged.version)
    if (!(await canRun(folder, identity)))
      throw new EmbeddedServerError(`the PostgreSQL in ${folder} does not run on this machine`)
    log(`PostgreSQL cannot run as root, and its own user cannot enter ${packaged.folder}: using the copy in ${folder}`)
  }

  const dataDir = await chooseDataDir(wanted, identity, log)
  const found = await inspectCluster(dataDir, identity)
  const password = options.password ?? (found === 'empty' ? randomBytes(24).toString('base64url') : undefined)
  if (password === undefined)
    throw new EmbeddedServerError(`the password of the PostgreSQL data in ${dataDir} is lost: restore it from a backup`)
  if (found === 'empty') await createCluster({ folder, dataDir, password, durable: options.durable, identity })

  const settings = Object.entries(serverSettings(options.port, options.durable)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const postgres = [path.join(folder, 'bin/postgres'), '-D', dataDir, ...settings]
  const [command = '', ...args] = [...(await dieWithParent('INT')), ...postgres]
  return {
    command,
    args,
    options: { env: serverEnvironment(), cwd: '/', ...identity },
    dataDir,
    port: options.port,
    superuserUrl: `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/postgres`,
    created: found === 'empty',
  }
}

/**
 * Prepares the server and runs it as a child of this process until `stop`. Port 0 takes a free one. Resolves when it
 * accepts connections; throws `EmbeddedServerError` with the server's own last words when it does not within a minute.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<RunningServer> {
  const port = options.port === 0 ? await findFreePort() : options.port
  const prepared = await prepareEmbeddedServer({ ...options, port })
  const deadline = Date.now() + 60_000
  for (;;) {
    const child = spawn(prepared.command, prepared.args, { ...prepared.options, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words = (words + chunk).slice(-2_000)))
    const failed = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', () => resolve(words))
    })
    if (await waitUntilReady(prepared.dataDir, child, deadline)) {
      return { url: prepared.superuserUrl, port, dataDir: prepared.dataDir, child, stop: () => stopServer(child) }
    }
    await stopServer(child)
    const reason = await failed
    if (!isStillOccupied(reason) || Date.now() > deadline - 55_000) {
      throw new EmbeddedServerError(`PostgreSQL did not start in ${prepared.dataDir}: ${reason.trim()}`)
    }
    await delay(200)
  }
}

/**
 * The beginning of a command line that lets the kernel stop a process when its parent dies, even by kill -9.
 * Empty where the machine has no such tool.
 */
export async function dieWithParent(signal: 'INT' | 'TERM' | 'QUIT' | 'KILL'): Promise<string[]> {
  try {
    await run('setpriv', ['--pdeathsig', signal, 'true'])
    return ['setpriv', '--pdeathsig', signal]
  } catch {
    return []
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    child.kill(signal)
    if (await Promise.race([gone.then(() => true), delay(10_000, false, { ref: false })])) return
  }
}

/** Null for an ordinary user, who runs the server as himself. */
async function chooseIdentity(dataDir: string): Promise<Identity | null> {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(dataDir).then(
    (found) => found.uid,
    () => 0,
  )
  const identity = (owner !== 0 ? await findUser(owner) : null) ?? (await findUser('nobody'))
  if (identity === null) throw new EmbeddedServerError('PostgreSQL refuses to run as root, and this machine has no user "nobody"')
  return identity
}

async function chooseDataDir(wanted: string, identity: Identity | null, log: (line: string) => void): Promise<string> {
  const note = `${wanted}.location`
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim()
  if (noted !== '') {
    log(`the database is in ${noted}, as ${note} says`)
    return noted
  }
  if (identity === null || (await canReach(path.dirname(wanted), identity))) return wanted
  const unique = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  let elsewhere = path.join(SYSTEM_FOLDER, `data-${unique}`)
  // Without a note it belongs to a checkout that was here before and is gone: not ours, and not ours to remove.
  for (let number = 2; await exists(elsewhere); number++) elsewhere = path.join(SYSTEM_FOLDER, `data-${unique}-${number}`)
  await mkdir(SYSTEM_FOLDER, { recursive: true })
  await chmod(SYSTEM_FOLDER, 0o755)
  await mkdir(path.dirname(wanted), { recursive: true })
  await writeFile(note, `${elsewhere}\n`)
  log(`PostgreSQL cannot run as root, and its own user cannot enter ${path.dirname(wanted)}: the database is in ${elsewhere}`)
  return elsewhere
}
