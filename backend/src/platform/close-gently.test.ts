import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { closeGently } from './close-gently.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function open(server: Server): Promise<{ socket: Socket; received: () => string; ended: Promise<void> }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return { socket, received: () => text, ended }
}

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

test('what is under way is answered, what is idle is closed, and nobody new is let in', async () => {
  let finish = (): void => undefined
  const server = await listen((request, response) => {
    if (request.headers['x-slow']) finish = () => void response.end('done')
    else response.end('done')
  })
  const [busy, idle] = [await open(server), await open(server)]
  idle.socket.write(REQUEST)
  while (!idle.received().endsWith('done')) await delay(10)
  busy.socket.write('GET / HTTP/1.1\r\nhost: x\r\nx-slow: 1\r\n\r\n')
  await delay(50)
  const { port } = server.address() as AddressInfo
  const closed = closeGently(server, 5_000)
  await idle.ended
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  expect(busy.received()).toBe('')
  finish()
  expect(await closed).toBe(0)
  await busy.ended
  expect(busy.received()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*done$/)
})

test('whoever connected before the close and asks after it is answered', async () => {
  const answered = async (close: (server: Server) => unknown) => {
    const server = await listen((_request, response) => void response.setHeader('connection', 'close').end('done'))
    const late = await open(server)
    await delay(20)
    void close(server)
    await delay(50)
    late.socket.write(REQUEST)
    await late.ended
    return late.received().endsWith('done')
  }
  expect(await answered((server) => closeGently(server, 5_000))).toBe(true)
  // The check is not blind: a close that waits for nobody loses it (from Node 26 on, `close()` alone does).
  expect(await answered((server) => server.close().closeAllConnections())).toBe(false)
})

test('what does not end is cut, and counted', async () => {
  const server = await listen(() => undefined)
  const [silent, endless] = [await open(server), await open(server)]
  endless.socket.write(REQUEST)
  await delay(20)
  expect(await closeGently(server, 600)).toBe(1)
  await Promise.all([silent.ended, endless.ended])
})
