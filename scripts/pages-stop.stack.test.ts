import { spawn, type ChildProcess } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildFrontend } from './build.ts'

const ROOT = path.join(import.meta.dirname, '..')

/** An API that takes its time when it is asked about `slow`. */
const api = http.createServer((request, response) => {
  const answer = () => response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"code":"NOT_FOUND"}')
  if (request.url?.includes('/slow/')) setTimeout(answer, 2_000)
  else answer()
})
const running = new Set<ChildProcess>()

beforeAll(async () => {
  await buildFrontend(ROOT, () => undefined)
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(() => {
  api.close()
  api.closeAllConnections()
})

interface Pages {
  child: ChildProcess
  port: number
  output: () => string
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>
}

/** The page server as it is run in production, on a free port of its own choice. `planted` is code that runs before it. */
async function runPages(settings: Record<string, string> = {}, planted = ''): Promise<Pages> {
  const server = path.join(ROOT, 'frontend/.output/server/index.mjs')
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(planted)}`, server], {
    env: {
      NODE_ENV: 'production',
      NITRO_PORT: '0',
      NUXT_BACKEND_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      NUXT_SESSION_PASSWORD: 'a password of the tests that is long enough',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let words = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (words += chunk))
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve([code, signal])
    })
  })
  const port = () => Number(/"port":(\d+)/.exec(words)?.[1] ?? 0)
  for (let tries = 0; tries < 200 && port() === 0 && child.exitCode === null; tries++) await delay(50)
  return { child, port: port(), output: () => words, ended }
}

function ask({ port }: Pages, target: string): Promise<{ status: number; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const agent = new http.Agent({ keepAlive: true })
    const request = http.get({ host: '127.0.0.1', port, path: target, agent }, (response) => {
      response.resume().on('end', () => {
        agent.destroy()
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection })
      })
    })
    request.on('error', reject)
  })
}

describe('the page server', () => {
  it('O01: on SIGTERM says that it is not ready, serves on for the drain, finishes the page under way, and ends with 0', async () => {
    const pages = await runPages({ NUXT_DRAIN_SECONDS: '1' })
    expect(await ask(pages, '/api/health/ready')).toEqual({ status: 200, connection: 'keep-alive' })
    const underWay = ask(pages, '/slow/incident-timer')
    await delay(300)
    pages.child.kill('SIGTERM')
    await delay(200)
    expect(await ask(pages, '/api/health/ready')).toEqual({ status: 503, connection: 'close' })
    expect(await ask(pages, '/api/health')).toEqual({ status: 200, connection: 'close' })
    expect(await ask(pages, '/')).toMatchObject({ status: 200, connection: 'close' })
    await delay(1_000)
    await expect(ask(pages, '/api/health')).rejects.toThrow('ECONNREFUSED')
    expect((await underWay).status).toBe(404)
    expect(await pages.ended).toEqual([0, null])
    expect(pages.output()).toMatch(/"msg":"stopping"[^]*"path":"\/slow\/incident-timer","status":404[^]*"msg":"stopped"/)
  })

  it('has a gallery only where it is asked for', async () => {
    expect((await ask(await runPages(), '/gallery')).status).toBe(404)
    expect((await ask(await runPages({ NUXT_PUBLIC_GALLERY: 'true' }), '/gallery')).status).toBe(200)
  })

  it('ends at once on SIGINT where there is nothing to wait for', async () => {
    const pages = await runPages()
    const began = Date.now()
    pages.child.kill('SIGINT')
    expect(await pages.ended).toEqual([0, null])
    expect(Date.now() - began).toBeLessThan(3_000)
  })

  it('O11: logs what nobody caught and ends with 1; a promise that nobody waited for is no reason to', async () => {
    const thrown = await runPages({}, `process.on('SIGUSR2', () => setImmediate(() => { throw new Error('planted') }))`)
    thrown.child.kill('SIGUSR2')
    expect(await thrown.ended).toEqual([1, null])
    expect(JSON.parse(thrown.output().trim().split('\n').at(-1) ?? '')).toMatchObject({
      level: 'fatal',
      msg: 'uncaught exception',
      err: { message: 'planted', stack: expect.stringContaining('planted\n    at') as string },
    })

    const left = await runPages({}, `process.on('SIGUSR2', () => void Promise.reject(new Error('planted')))`)
    left.child.kill('SIGUSR2')
    for (let tries = 0; tries < 40 && !left.output().includes('unhandled rejection'); tries++) await delay(50)
    expect(left.output()).toContain('"level":"error"')
    expect((await ask(left, '/')).status).toBe(200)
  })

  it('O13: says all that is wrong with its settings in plain words, and no secret', async () => {
    const wrong = { NUXT_SESSION_PASSWORD: 'too short', NUXT_LOG_LEVEL: 'loud', NUXT_DRAIN_SECONDS: '99' }
    const pages = await runPages(wrong)
    expect(await pages.ended).toEqual([1, null])
    expect(pages.output()).toContain('The web server cannot start:\n')
    for (const name of Object.keys(wrong)) expect(pages.output()).toContain(`  ${name}: `)
    expect(pages.output()).not.toContain('too short')
  })
})
