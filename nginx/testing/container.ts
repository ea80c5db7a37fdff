import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { findFreePort } from '@kennwilliamson/database/free-ports'

const SCRIPTS = path.join(import.meta.dirname, '../container')
const IMAGE = 'nginx:1.28'
const NODE_IMAGE = 'node:26-bookworm-slim'
const run = promisify(execFile)

/** Runs docker, and returns all that it says. Throws with its words when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('docker', args)
  return stdout + stderr
}

/** What nginx answered. */
export interface ContainerAnswer {
  status: number
  body: string
  location: string | undefined
  type: string | undefined
}

/** Where things are: the name of container and network, the folder of what is mounted, and the published ports. */
export interface Place {
  name: string
  folder: string
  httpsPort: number
  httpPort: number
}

/** Makes network, folders and stand-ins; the nginx container itself is started by each test. */
export async function prepare(): Promise<Place> {
  const name = `kw-nginx-${process.pid}`
  const folder = mkdtempSync(path.join(tmpdir(), `${name}-`))
  for (const part of ['public/_nuxt', 'assets/_nuxt', 'acme/.well-known/acme-challenge/sub', 'certificates']) {
    mkdirSync(path.join(folder, part), { recursive: true })
    chmodSync(path.join(folder, part), 0o777)
  }
  chmodSync(folder, 0o755)
  chmodSync(path.join(folder, 'assets'), 0o777)
  const files = {
    'public/_nuxt/new.222.js': '// new',
    'assets/_nuxt/old.111.js': '// old',
    'acme/.well-known/acme-challenge/a_Token-1': 'a_Token-1.proof',
    'acme/.well-known/acme-challenge/other.txt': 'no',
    'acme/secret': 'no',
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text)
  await run(process.execPath, [path.join(SCRIPTS, 'render.ts'), path.join(folder, 'templates')])
  await docker('network', 'create', name)
  await startStandIn(name, 'frontend', 3000)
  await startStandIn(name, 'backend', 8080)
  return { name, folder, httpsPort: 0, httpPort: 0 }
}

/** Takes away all that prepare() and the tests have made. */
export async function removeAll({ name, folder }: Place): Promise<void> {
  await docker('rm', '-f', name, `${name}-frontend`, `${name}-backend`, `${name}-second`)
  await docker('network', 'rm', name)
  rmSync(folder, { recursive: true, force: true })
}

/** An instance that says who it is and what it was asked, takes every WebSocket, and never answers what is called silent. */
export async function startStandIn(network: string, service: string, port: number, says = service): Promise<void> {
  const text = `
    process.on('SIGTERM', () => process.exit())
    require('http').createServer((request, response) => {
      if (request.url.includes('silent')) return
      response.setHeader('content-type', 'text/plain')
      setTimeout(() => response.end('${says} ' + request.url), request.url.includes('slow') ? 1500 : 0)
    }).on('upgrade', (request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n')
    }).listen(${port}, '0.0.0.0')`
  const names = ['--name', `${network}-${says}`, '--network', network, '--network-alias', service]
  await docker('run', '-d', ...names, '--entrypoint', 'node', NODE_IMAGE, '-e', text)
}

/** A certificate of that name, put there as the certificates container does: in one step. `text` takes the certificate's place. */
export async function putCertificate({ folder }: Place, name: string, text?: string): Promise<void> {
  const own = path.join(folder, 'certificates', `pair-${name}`)
  mkdirSync(own)
  const [key, certificate] = [path.join(own, 'privkey.pem'), path.join(own, 'fullchain.pem')]
  const what = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30'.split(' ')
  await run('openssl', [...what, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate])
  chmodSync(key, 0o644)
  if (text !== undefined) writeFileSync(certificate, text)
  symlinkSync(`pair-${name}`, path.join(folder, 'certificates/live.new'))
  renameSync(path.join(folder, 'certificates/live.new'), path.join(folder, 'certificates/live'))
}

/** Starts nginx with these settings, hardened and limited as in compose.yaml. */
export async function start(place: Place, settings: Record<string, string> = {}): Promise<void> {
  ;[place.httpsPort, place.httpPort] = await Promise.all([findFreePort(), findFreePort()])
  const { name, folder, httpsPort, httpPort } = place
  const mounts = [
    [path.join(folder, 'templates'), '/opt/site/nginx:ro'],
    [SCRIPTS, '/opt/site/bin:ro'],
    [path.join(folder, 'public'), '/srv/site/public:ro'],
    [path.join(folder, 'assets'), '/var/lib/site-assets'],
    [path.join(folder, 'acme'), '/var/lib/acme:ro'],
    [path.join(folder, 'certificates'), '/certificates:ro'],
  ]
  const environment = { SITE_URL: `https://localhost:${httpsPort}`, HTTPS_PORT: String(httpsPort), ...settings }
  await docker(
    ...['run', '-d', '--name', name, '--network', name, '--user', '101:101', '--read-only', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges:true', '--memory', '50m', '--memory-swap', '50m', '--pids-limit', '50'],
    ...['--tmpfs', '/run/nginx:uid=101,gid=101,mode=0755,size=24m', '--stop-signal', 'SIGQUIT'],
    ...['-p', `127.0.0.1:${httpsPort}:8443`, '-p', `127.0.0.1:${httpPort}:8080`],
    ...mounts.flatMap((mount) => ['-v', mount.join(':')]),
    ...Object.entries(environment).flatMap(([variable, value]) => ['-e', `${variable}=${value}`]),
    ...['--entrypoint', '/opt/site/bin/entrypoint.sh', IMAGE],
  )
}

/** Waits until the health check passes, 30 s at most. */
export async function becomesHealthy({ name }: Place): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const check = docker('exec', name, '/opt/site/bin/healthcheck.sh')
    if ((await check.catch(() => null)) !== null) return
    await delay(200)
  }
  throw new Error(`nginx did not become healthy:\n${await docker('logs', name)}`)
}

/** All that the container has said, once these words are among it. */
export async function saysWithin({ name }: Place, words: string, seconds: number): Promise<string> {
  for (let tries = 0; tries < seconds * 5; tries++) {
    const log = await docker('logs', name)
    if (log.includes(words)) return log
    await delay(200)
  }
  throw new Error(`nginx did not say "${words}":\n${await docker('logs', name)}`)
}

/** One request on a connection of its own, over https or plain http. */
export function get(place: Place, target: string, { plain = false, method = 'GET' } = {}): Promise<ContainerAnswer> {
  return new Promise((resolve, reject) => {
    const port = plain ? place.httpPort : place.httpsPort
    const common = { host: '127.0.0.1', port, path: target, method, headers: { Host: `localhost:${port}` } }
    const outgoing = plain
      ? http.request({ ...common, agent: false })
      : https.request({ ...common, agent: false, rejectUnauthorized: false })
    outgoing.on('error', reject).on('response', (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString())).on('error', reject)
      response.on('end', () => {
        const { location, 'content-type': type } = response.headers
        resolve({ status: response.statusCode ?? 0, body, location, type })
      })
    })
    outgoing.end()
  })
}

/** Whose certificate nginx shows. */
export function certificateName({ httpsPort }: Place): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: httpsPort, rejectUnauthorized: false, servername: 'localhost' }
    const socket = connectTls(options, () => {
      resolve(socket.getPeerCertificate().subject.CN)
      socket.destroy()
    }).on('error', reject)
  })
}
