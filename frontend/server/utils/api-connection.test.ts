import http from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createAddresses } from './api-addresses.ts'
import { createApiClient } from './api-client.ts'
import { openConnections } from './api-connection.ts'
import { ApiAway } from './problems.ts'

/** What an instance does with a connection. */
type Instance = (socket: Socket) => void
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
const answers: Instance = (socket) => socket.on('data', () => socket.write(OK))
const silent: Instance = (socket) => void socket.resume()
const resets: Instance = (socket) => void socket.on('data', () => socket.resetAndDestroy())
const breaksOff: Instance = (socket) =>
  void socket.on('data', () => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":')
    setTimeout(() => socket.resetAndDestroy(), 20)
  })

const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

/** Instances on 127.0.0.2, .3 … behind one name and one port, null where nobody listens. */
async function behindOneName(...instances: (Instance | null)[]) {
  const seen: string[] = []
  const hosts = instances.map((_instance, index) => `127.0.0.${index + 2}`)
  let port = 0
  for (const [index, instance] of instances.entries()) {
    if (!instance) continue
    const host = hosts[index] ?? ''
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
      socket.on('data', (data) => seen.push(`${host} ${String(data).split(' ', 1)[0]}`))
      instance(socket)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(port, host, resolve))
    port = (server.address() as AddressInfo).port
  }
  const addresses = createAddresses('api', async () => hosts)
  return { ask: createApiClient(`http://api:${port}`, { addresses }), seen, port }
}

const caller = { address: undefined, userAgent: undefined, requestId: undefined }
const page = { path: '/backend/x', caller, repeatable: true } as const
const login = { method: 'POST', path: '/backend/auth/login', body: '{}', caller } as const

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now()
  const result = await work
  return { result, ms: performance.now() - began }
}

describe('O02: one instance of several is lost', () => {
  it.each([
    ['nobody listens any more', null, 1_500],
    ['it resets after the request', resets, 1_500],
    ['it breaks off in the middle of the answer', breaksOff, 1_500],
    ['it is stopped: it takes connections and says nothing', silent, 3_500],
  ] as const)('a page is shown all the same: %s', async (_how, lost, within) => {
    const { ask } = await behindOneName(lost, answers)
    const { result, ms } = await timed(ask(page))
    expect(result.status).toBe(200)
    expect(ms).toBeLessThan(within)
    // From now on the lost one is asked last, so nobody else waits for it.
    for (let request = 0; request < 4; request++) expect((await timed(ask(page))).ms).toBeLessThan(1_500)
  })

  it('a kept connection to it is not asked again, the next instance is', async () => {
    const kept: Socket[] = []
    const dies: Instance = (socket) => {
      answers(socket)
      kept.push(socket)
    }
    const { ask, seen } = await behindOneName(dies, answers)
    for (let request = 0; request < 4; request++) await ask(page)
    expect(kept).toHaveLength(1)
    for (const socket of kept) socket.removeAllListeners('data').on('data', () => socket.resetAndDestroy())
    seen.splice(0)
    expect((await ask(page)).status).toBe(200)
  })

  it('a sign-in is sent once at most, and goes elsewhere where nobody listens', async () => {
    for (const lost of [resets, breaksOff]) {
      const { ask, seen } = await behindOneName(lost, answers)
      await expect(ask(login)).rejects.toBeInstanceOf(ApiAway)
      expect(seen).toEqual(['127.0.0.2 POST'])
    }
    const { ask, seen } = await behindOneName(null, answers)
    expect((await ask(login)).status).toBe(200)
    expect(seen).toEqual(['127.0.0.3 POST'])
  })

  it('none answers: it is said within six seconds', async () => {
    const { ask } = await behindOneName(silent, silent, silent)
    const began = performance.now()
    await expect(ask(page)).rejects.toBeInstanceOf(ApiAway)
    expect(performance.now() - began).toBeLessThan(6_000)
  }, 10_000)

  it('the check is not blind: a client that stays with one address loses the page', async () => {
    const { port } = await behindOneName(resets, answers)
    const stays = createApiClient(`http://127.0.0.2:${port}`)
    await expect(stays(page)).rejects.toBeInstanceOf(ApiAway)
  })
})

describe('openConnections', () => {
  it('keeps connections, but not for what asks for its own', async () => {
    const { ask, port } = await behindOneName(answers)
    for (let request = 0; request < 3; request++) await ask(page)
    expect(sockets.size).toBe(1)
    const request = { method: 'GET', path: '/', headers: {}, body: undefined }
    const send = openConnections(new URL(`http://127.0.0.2:${port}`))
    await send(request, { address: '127.0.0.2', patience: 1_000, fresh: true })
    await send(request, { address: '127.0.0.2', patience: 1_000, fresh: true })
    expect(sockets.size).toBeGreaterThan(1)
  })

  it('names the host, sends the body whole, and gives the text of the answer', async () => {
    const server = http.createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => response.end(JSON.stringify({ host: request.headers.host, body })))
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.4', resolve))
    const { port } = server.address() as AddressInfo
    const send = openConnections(new URL(`http://backend:${port}`))
    const request = { method: 'POST', path: '/', headers: {}, body: '{"a":"é😀"}' }
    const { text } = await send(request, { address: '127.0.0.4', patience: 1_000, fresh: true })
    expect(JSON.parse(text)).toEqual({ host: `backend:${port}`, body: '{"a":"é😀"}' })
  })
})
