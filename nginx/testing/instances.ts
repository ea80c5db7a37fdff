import { createSocket } from 'node:dgram'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How an instance behaves: answers, takes the connection and says nothing (as when stopped), or ends it in the middle. */
export type Behaviour = 'answers' | 'is silent' | 'hangs up' | 'hangs up in the middle'

/** One of several instances of one service, all on one port, each at an address of its own. */
export interface Instance {
  address: string
  behaviour: Behaviour
  /** Method and path of what it was asked, as it came. */
  seen: string[]
  /** What each request said of its connection. */
  connections: (string | undefined)[]
  stop: () => Promise<void>
}

/** Starts one instance for each behaviour at 127.0.0.x, on a port that is free at all of them. */
export async function startInstances(behaviours: Behaviour[]): Promise<{ port: number; instances: Instance[] }> {
  let port = 0
  const instances: Instance[] = []
  for (const [index, behaviour] of behaviours.entries()) {
    const instance: Instance = {
      address: `127.0.0.${index + 11}`,
      behaviour,
      seen: [],
      connections: [],
      stop: () => Promise.resolve(),
    }
    const server = createServer((request, response) => {
      instance.connections.push(request.headers.connection)
      instance.seen.push(`${request.method ?? ''} ${request.url ?? ''}`)
      void drain(request).then(() => {
        if (instance.behaviour === 'answers') return response.end(instance.address)
        if (instance.behaviour === 'hangs up') return request.socket.destroy()
        if (instance.behaviour === 'hangs up in the middle') {
          response.writeHead(200, { 'content-length': '100' }).write('half', () => request.socket.destroy())
        }
        return undefined
      })
    })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, instance.address, resolve))
    port = (server.address() as AddressInfo).port
    instance.stop = () => stop(server)
    instances.push(instance)
  }
  return { port, instances }
}

async function drain(request: IncomingMessage): Promise<void> {
  await request.forEach(() => undefined).catch(() => undefined)
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** A DNS server like Docker's: every name has the addresses that `addresses` holds at the moment, none at all means no such name. */
export async function startDns(): Promise<{ at: string; addresses: string[]; close: () => void }> {
  const socket = createSocket('udp4')
  const dns = { at: '', addresses: [] as string[], close: () => void socket.close() }
  socket.on('message', (question, from) => {
    // Header of 12 bytes, the name, 4 bytes of type and class: the rest is of no interest.
    const end = question.indexOf(0, 12) + 5
    const header = Buffer.from(question.subarray(0, 12))
    header.writeUInt16BE(dns.addresses.length > 0 ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(dns.addresses.length, 6)
    header.writeUInt32BE(0, 8)
    const answers = dns.addresses.map((address) =>
      Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 2, 0x58, 0, 4, ...address.split('.').map(Number)]),
    )
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  dns.at = `127.0.0.1:${socket.address().port}`
  return dns
}
