import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort } from '../../database/src/free-ports.ts'
import { isRunning, waitUntilGone } from '../../scripts/processes.ts'
import { listFamily } from './processes.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SITE_LOG = path.join(ROOT, 'test-results/site.log')
/** A first start builds the frontend. */
const START_MS = 240_000
const STOP_MS = 30_000

export interface RunningSite {
  url: string
  /** Files in which the site writes its log: all parts together, and nginx its requests. */
  logs: string[]
  /** Stops the site as Ctrl-C would; throws when a process of it is left. */
  stop: () => Promise<void>
}

/** Starts the whole site with the real start command, on free ports and with data of its own. */
export async function startSite(): Promise<RunningSite> {
  const [https, http, frontend, backend, postgres] = await Promise.all(Array.from({ length: 5 }, () => findFreePort()))
  const dataDir = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-site-'))
  // Another user can enter, so that nginx's own files stay in here, its log among them.
  await chmod(dataDir, 0o755)
  const child = spawn('sh', ['scripts/with-node.sh', 'scripts/start.ts', '--no-apt'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      HTTPS_PORT: String(https),
      HTTP_PORT: String(http),
      FRONTEND_PORT: String(frontend),
      BACKEND_PORT: String(backend),
      POSTGRES_PORT: String(postgres),
      DATA_DIR: dataDir,
      SITE_URL: `https://localhost:${String(https)}`,
      GALLERY: 'on',
      // So short that each test lives through several refreshes.
      ACCESS_TOKEN_SECONDS: '5',
    },
  })
  try {
    const url = await waitUntilReady(child)
    return { url, logs: [SITE_LOG, path.join(dataDir, 'nginx/logs/access.log')], stop: () => stopSite(child, dataDir) }
  } catch (error) {
    await stopSite(child, dataDir)
    throw error
  }
}

async function waitUntilReady(child: ChildProcess): Promise<string> {
  await mkdir(path.dirname(SITE_LOG), { recursive: true })
  const log = createWriteStream(SITE_LOG)
  let words = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the site ${why}. Its last words:\n${words.slice(-4_000)}`))
    const late = setTimeout(fail, START_MS, 'was not ready in time')
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log.write(chunk)
        words += chunk
        const url = /^ready (https:\S+)$/m.exec(words)?.[1]
        if (url === undefined) return
        clearTimeout(late)
        resolve(url)
      })
    }
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('exit', (code) => fail(`ended with exit code ${String(code)}`))
  })
}

async function stopSite(child: ChildProcess, dataDir: string): Promise<void> {
  const family = child.pid === undefined ? [] : listFamily(child.pid)
  child.kill('SIGTERM')
  await waitUntilGone(family, STOP_MS)
  const left = family.filter(isRunning)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
  if (left.length > 0) {
    throw new Error(
      `these processes outlived the site:\n${left.map(({ pid, command }) => `${String(pid)} ${command}`).join('\n')}`,
    )
  }
}
