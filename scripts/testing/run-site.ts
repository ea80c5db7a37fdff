import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { findInstance, type Instance } from '../instance-lock.ts'

const ROOT = path.join(import.meta.dirname, '../..')

export interface Site {
  /** npm itself, the head of a process group of its own. */
  npm: ChildProcess
  dataDir: string
  environment: Record<string, string>
  httpsPort: number
  httpPort: number
  /** Everything it has printed so far. */
  output: () => string
  /** Resolves to the exit code when npm has ended. */
  ended: Promise<number | null>
  instance: () => Instance
}

/** A new folder for the data that other users can enter, as a person's own would be. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kw-stack-'))
  chmodSync(folder, 0o755)
  return folder
}

/** Settings with free ports, for a data folder. */
export async function freeSettings(dataDir: string): Promise<Record<string, string>> {
  const names = ['HTTPS_PORT', 'HTTP_PORT', 'FRONTEND_PORT', 'BACKEND_PORT', 'POSTGRES_PORT']
  const ports = await Promise.all(names.map(() => findFreePort()))
  return { DATA_DIR: dataDir, ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])) }
}

/**
 * Runs `npm start` as a person would, in a clean environment and a process group of its own. Resolves as soon as it is ready
 * or has ended; look at `output()` and `ended`.
 */
export async function runSite(
  settings: Record<string, string>,
  flags: string[] = [],
  as: { root?: string; before?: string[] } = {},
): Promise<Site> {
  // The npm that came with Node is in the checkout, so another checkout has its own.
  const PATH = (process.env['PATH'] ?? '').replaceAll(ROOT, as.root ?? ROOT)
  const environment = { PATH, HOME: tmpdir(), ...settings }
  const [command = 'npm', ...args] = [...(as.before ?? []), 'npm', 'start', '--', ...flags]
  const npm = spawn(command, args, { cwd: as.root ?? ROOT, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (words += chunk))
  const ended = new Promise<number | null>((resolve) => npm.once('close', resolve))
  const isReady = async (): Promise<void> => {
    while (!/^ready http/m.test(words)) await delay(50)
  }
  const dataDir = settings['DATA_DIR'] ?? ''
  await Promise.race([ended, isReady(), delay(150_000, null, { ref: false })])
  return {
    npm,
    dataDir,
    environment,
    httpsPort: Number(settings['HTTPS_PORT']),
    httpPort: Number(settings['HTTP_PORT']),
    output: () => words,
    ended,
    instance() {
      const found = findInstance(dataDir)
      if (found === null) throw new Error(`nothing runs on ${dataDir}:\n${words}`)
      return found
    },
  }
}

/** Ends whatever runs on the data folder of a site, and removes the folder. */
export async function cleanUp({ dataDir }: Pick<Site, 'dataDir'>): Promise<void> {
  const running = findInstance(dataDir)
  if (running !== null) process.kill(running.pid, 'SIGTERM')
  for (let tries = 0; tries < 300 && processesOf(dataDir).length > 0; tries++) await delay(100)
  for (const pid of processesOf(dataDir)) process.kill(pid, 'SIGKILL')
  rmSync(/^.*\/kw-stack-[^/]+/.exec(dataDir)?.[0] ?? dataDir, { recursive: true, force: true })
}

/**
 * Every process that has to do with this folder: in its command line, in its environment or among its open files (an nginx
 * worker overwrites the first two).
 */
export function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (pid) =>
        [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some((file) => readOrEmpty(file).includes(dataDir)) ||
        openFiles(pid).some((file) => file.startsWith(dataDir)),
    )
    .map(Number)
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

export interface Answer {
  status: number
  body: string
}

/** One request through nginx, on a connection of its own. */
export function ask(site: Site, method: string, target: string, body?: object, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const request = https.request({
      host: 'localhost',
      port: site.httpsPort,
      path: target,
      method,
      headers,
      agent: false,
      rejectUnauthorized: false,
      timeout: 5_000,
    })
    request.on('response', (response) => {
      let words = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (words += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: words }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')))
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
