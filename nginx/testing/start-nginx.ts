import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import http from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from '@kennwilliamson/database/free-ports'
import { provideCertificate } from '../../scripts/certificate.ts'
import { writeNginxConfiguration, type NginxOptions } from '../render.ts'

/** What an upstream was asked, as it arrived there. */
export interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Upstream {
  server: Server
  port: number
  seen: Seen[]
  /** What the next requests are answered with; the default is 200 and a line of JSON. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface TestNginx {
  api: Upstream
  pages: Upstream
  folder: string
  httpsPort: number
  httpPort: number
  child: ChildProcess
  get: (path: string, options?: RequestOptions) => Promise<Answer>
  getBytes: (path: string, headers: Record<string, string>) => Promise<{ bytes: Buffer; encoding: string | undefined }>
  hasBrotli: boolean
  stop: () => Promise<void>
}

export interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Over plain http, to the http port. */
  plain?: boolean
}

/** A real nginx from the real template, before two stub upstreams, on free ports. */
export async function startNginx(overrides: Partial<NginxOptions> = {}): Promise<TestNginx> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kw-nginx-'))
  chmodSync(folder, 0o755)
  const [api, pages] = await Promise.all([startUpstream(), startUpstream()])
  const [httpsPort, httpPort] = await Promise.all([findFreePort(), findFreePort()])
  const publicFolder = path.join(folder, 'public')
  mkdirSync(path.join(publicFolder, '_nuxt/builds'), { recursive: true })
  writeFileSync(path.join(publicFolder, '_nuxt/entry.abc123.js'), `/* ${'x'.repeat(4000)} */`)
  writeFileSync(path.join(publicFolder, '_nuxt/entry.abc123.js.map'), '{}')
  writeFileSync(path.join(publicFolder, '_nuxt/builds/latest.json'), '{}')
  writeFileSync(path.join(publicFolder, 'robots.txt'), 'User-agent: *\n')
  writeFileSync(path.join(publicFolder, '.env'), 'SECRET=1\n')
  const { certificate, key } = await provideCertificate(path.join(folder, 'tls'), 'localhost')
  const brotliModules = ['filter', 'static']
    .map((name) => `/usr/lib/nginx/modules/ngx_http_brotli_${name}_module.so`)
    .filter((name) => existsSync(name))
  const file = writeNginxConfiguration({
    folder: path.join(folder, 'nginx'),
    publicFolder,
    certificate,
    certificateKey: key,
    siteUrl: `https://localhost:${httpsPort}`,
    httpsPort,
    httpPort,
    listenOn: ['127.0.0.1:'],
    apiAddress: `127.0.0.1:${api.port}`,
    pagesAddress: `127.0.0.1:${pages.port}`,
    user: process.getuid?.() === 0 ? { name: 'nobody', group: 'nogroup' } : null,
    workers: 1,
    connections: 2048,
    brotliModules,
    version: nginxVersion(),
    ...overrides,
  })
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], {
    cwd: path.dirname(file),
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()))
  await waitForPort(httpsPort, () => (child.exitCode === null ? null : words))
  return {
    api,
    pages,
    folder,
    httpsPort,
    httpPort,
    child,
    get: async (target, options) => {
      const { bytes, ...answer } = await request(options?.plain === true ? httpPort : httpsPort, target, options)
      return { ...answer, body: bytes.toString() }
    },
    getBytes: async (target, headers) => {
      const answer = await request(httpsPort, target, { headers })
      return { bytes: answer.bytes, encoding: answer.headers['content-encoding'] }
    },
    hasBrotli: brotliModules.length > 0,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      for (const { server } of [api, pages]) {
        server.closeAllConnections()
        server.close()
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One request without any library between: the path goes out as it is written. */
function request(
  port: number,
  target: string,
  { method = 'GET', headers = {}, body, plain = false }: RequestOptions = {},
): Promise<Omit<Answer, 'body'> & { bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: target,
      method,
      headers,
      rejectUnauthorized: false,
      servername: 'localhost',
      agent: false,
    }
    const outgoing = plain ? http.request(options) : https.request(options)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      )
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function startUpstream(): Promise<Upstream> {
  const upstream: Upstream = {
    server: createServer((incoming, response) => {
      let body = ''
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
      incoming.on('end', () => {
        upstream.seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body })
        upstream.answer(incoming, response)
      })
    }),
    port: 0,
    seen: [],
    answer: (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":true}'),
  }
  await new Promise<void>((resolve) => upstream.server.listen(0, '127.0.0.1', resolve))
  upstream.port = (upstream.server.address() as AddressInfo).port
  return upstream
}

async function waitForPort(port: number, failure: () => string | null): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)))
      socket.once('error', () => resolve(false))
    })
    if (isOpen) return
    const words = failure()
    if (words !== null) throw new Error(`nginx did not start: ${words}`)
    await delay(20)
  }
  throw new Error('nginx did not listen within 5 s')
}

function nginxVersion(): string {
  const words = execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' })
  return /nginx\/([\d.]+)/.exec(words)?.[1] ?? '0'
}

/** The access log, once nginx has written what it holds back. */
export async function readAccessLog(nginx: TestNginx): Promise<string> {
  await delay(2_500)
  return readFileSync(path.join(nginx.folder, 'nginx/logs/access.log'), 'utf8')
}
