import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { writeNginxConfiguration } from '../nginx/render.ts'
import { canReach, copyOpen, findUser, SYSTEM_FOLDER, type Identity } from '@kennwilliamson/database/embedded-binaries'
import { provideCertificate } from './certificate.ts'
import { runCommand } from './commands.ts'
import { StartFailure } from './failure.ts'
import { proxiesBeforeNginx, type Settings } from './settings.ts'

const run = promisify(execFile)
const MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules']

/** Where nginx is looked for: an ordinary user's PATH often lacks the system folders. */
export function nginxSearchPath(environment: Record<string, string | undefined>): string[] {
  return [...(environment['PATH'] ?? '').split(':').filter((folder) => folder !== ''), '/usr/sbin', '/usr/local/sbin']
}

/** The first nginx in these folders, or null. */
export function findNginx(folders: string[]): string | null {
  return folders.map((folder) => path.join(folder, 'nginx')).find(isExecutable) ?? null
}

/**
 * The path of nginx, installed through apt where it is missing and that is allowed; announced first. The system's own nginx
 * service is not started by that: ours runs beside it, from its own folder.
 */
export async function provideNginx(apt: boolean, announce: (line: string) => void): Promise<string> {
  const found = findNginx(nginxSearchPath(process.env))
  if (found !== null) return found
  const advice = 'install it (apt-get install nginx), or start with --no-nginx for a look around on http://localhost'
  if (!apt) throw new StartFailure(`nginx was not found, and --no-apt forbids installing it: ${advice}`)
  const prefix = await findAptPrefix()
  if (prefix === null) throw new StartFailure(`nginx was not found, and it cannot be installed from here: ${advice}`)
  announce('nginx was not found: installing it with apt-get (its system service stays off)')
  try {
    await runCommand('apt-get', prefix[0] ?? 'sh', [...prefix.slice(1), 'sh', '-c', INSTALL])
  } catch (error) {
    throw new StartFailure(`nginx could not be installed: ${advice}\n${(error as Error).message.split('\n').at(-1) ?? ''}`.trim())
  }
  const installed = findNginx(nginxSearchPath(process.env))
  if (installed === null) throw new StartFailure(`apt-get ended well, but there is no nginx: ${advice}`)
  return installed
}

// policy-rc.d is Debian's own way to keep a package from starting its service; an existing one is the machine's and stays.
const INSTALL = `set -e
export DEBIAN_FRONTEND=noninteractive
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
install() { apt-get install -y -qq --no-install-recommends "$@"; }
brotli='libnginx-mod-http-brotli-filter libnginx-mod-http-brotli-static'
install nginx $brotli || { apt-get update -qq; install nginx $brotli || install nginx; }`

async function findAptPrefix(): Promise<string[] | null> {
  if (findIn(['/usr/bin', '/bin'], 'apt-get') === null) return null
  if (process.getuid?.() === 0) return ['env']
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n', 'env'],
    () => null,
  )
}

export interface NginxSetup {
  command: string
  args: string[]
  accessLog: string
}

/**
 * Writes certificate and configuration and has nginx check them. Started as root, nginx's workers run as `nobody`: where
 * they could not read the build or write beside it, both are put into /var/lib/kennwilliamson, and `announce` says so.
 */
export async function setUpNginx(options: {
  program: string
  settings: Settings
  publicFolder: string
  dev: boolean
  announce: (line: string) => void
}): Promise<NginxSetup> {
  const { program, settings, dev, announce } = options
  const worker = process.getuid?.() === 0 ? await findUser('nobody') : null
  const { certificate, key } = await provideCertificate(path.join(settings.DATA_DIR, 'tls'), new URL(settings.SITE_URL).hostname)
  const folder = await choosePlace(path.join(settings.DATA_DIR, 'nginx'), worker, announce)
  const publicFolder = dev ? options.publicFolder : await choosePublicFolder(options.publicFolder, worker, announce)
  const { stderr } = await run(program, ['-v'])
  const file = writeNginxConfiguration({
    folder,
    publicFolder,
    certificate,
    certificateKey: key,
    siteUrl: settings.SITE_URL,
    httpsPort: settings.HTTPS_PORT,
    httpPort: settings.HTTP_PORT,
    listenOn: ['', ...((await hasIpv6()) ? ['[::]:'] : [])],
    apiAddress: `127.0.0.1:${settings.BACKEND_PORT}`,
    pagesAddress: `127.0.0.1:${settings.FRONTEND_PORT}`,
    user: worker === null ? null : { name: 'nobody', group: await groupName(worker.gid) },
    trustedProxies: proxiesBeforeNginx(settings.TRUST_PROXY),
    workers: 1,
    connections: Math.min(4096, (await openFileLimit()) - 128),
    brotliModules: brotliModules(),
    version: /nginx\/([\d.]+)/.exec(stderr)?.[1] ?? '0',
    dev,
  })
  const args = ['-p', folder, '-c', file, '-e', 'stderr']
  await run(program, [...args, '-t', '-q'], { cwd: folder }).catch((error: unknown) => {
    throw new StartFailure(`nginx refuses its configuration: ${((error as { stderr?: string }).stderr ?? String(error)).trim()}`)
  })
  return {
    command: '/bin/sh',
    args: ['-c', IN_FOLDER, folder, program, ...args],
    accessLog: path.join(folder, 'logs/access.log'),
  }
}

// Its sockets have short names there. Those of one that was killed would be taken for somebody else's.
const IN_FOLDER = 'cd -- "$0" && rm -f -- *.sock && exec "$@"'

async function choosePlace(wanted: string, worker: Identity | null, announce: (line: string) => void): Promise<string> {
  if (worker === null || (await canReach(path.dirname(wanted), worker))) return wanted
  const elsewhere = path.join(SYSTEM_FOLDER, `nginx-${unique(wanted)}`)
  announce(`nginx's workers cannot enter ${path.dirname(wanted)}: its files are in ${elsewhere}`)
  return elsewhere
}

async function choosePublicFolder(built: string, worker: Identity | null, announce: (line: string) => void): Promise<string> {
  if (worker === null || (await canReadAll(built, worker))) return built
  const elsewhere = path.join(SYSTEM_FOLDER, `public-${unique(built)}`)
  announce(`nginx's workers cannot read ${built}: serving a copy in ${elsewhere}`)
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
  const making = `${elsewhere}.${process.pid}`
  await copyOpen(built, making)
  await rm(elsewhere, { recursive: true, force: true })
  await rename(making, elsewhere)
  return elsewhere
}

async function canReadAll(folder: string, worker: Identity): Promise<boolean> {
  return run('find', [folder, '!', '-readable', '-print', '-quit'], { cwd: '/', ...worker }).then(
    ({ stdout }) => stdout === '',
    () => false,
  )
}

function unique(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 12)
}

function brotliModules(): string[] {
  const found = ['filter', 'static'].map((kind) => findIn(MODULES, `ngx_http_brotli_${kind}_module.so`))
  return found.every((file) => file !== null) ? found : []
}

function findIn(folders: string[], name: string): string | null {
  return folders.map((folder) => path.join(folder, name)).find((file) => exists(file)) ?? null
}

async function groupName(gid: number): Promise<string> {
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'))
  return lines.find(([, , id]) => Number(id) === gid)?.[0] ?? 'nogroup'
}

/** The hard limit: nginx raises its own up to that. */
async function openFileLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? '1024'
  return hard === 'unlimited' ? 65_536 : Number(hard)
}

async function hasIpv6(): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(0, '::1', () => server.close(() => resolve(true)))
  })
}

function isExecutable(file: string): boolean {
  return exists(file, constants.X_OK)
}

function exists(file: string, mode: number = constants.F_OK): boolean {
  try {
    accessSync(file, mode)
    return true
  } catch {
    return false
  }
}
