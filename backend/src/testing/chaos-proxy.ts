import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A connection through the proxy, by the name that it gave for its application, and its number, from 1. */
interface ChaosConnection {
  name: string
  number: number
}

/** What happens to the bytes between the API and its database. */
export interface Chaos {
  /** Each piece of an answer is this late. Milliseconds. */
  latency: number
  /** Nothing passes, in either direction, and nothing is closed. */
  stalled: boolean
  /** The same for some connections only; null for none. */
  stalls: ((connection: ChaosConnection) => boolean) | null
  /** Answers are cut in the middle and their connection is reset. */
  resetting: boolean
}

/** A way to a server on which everything can go wrong. */
export interface ChaosProxy {
  chaos: Chaos
  /** The address of a database, through the proxy. */
  through: (url: string) => string
  /** How many connections there have been. */
  opened: () => number
  close: () => Promise<void>
}

/** Starts a proxy before the server of `url`; at first nothing goes wrong. */
export async function startChaosProxy(url: string): Promise<ChaosProxy> {
  const target = new URL(url)
  const chaos: Chaos = { latency: 0, stalled: false, stalls: null, resetting: false }
  const sockets = new Set<Socket>()
  let opened = 0

  // An end passes as bytes do: a stall holds it up too.
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true })
    const connection: ChaosConnection = { name: '', number: ++opened }
    // Its first words are names and values, each with a NUL at its end.
    client.once('data', (bytes: Buffer) => {
      connection.name = /\0application_name\0([^\0]*)\0/.exec(bytes.toString('latin1'))?.[1] ?? ''
    })
    const isStalled = () => chaos.stalled || chaos.stalls?.(connection) === true
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from)
      let last = Promise.resolve()
      from.on('data', (bytes: Buffer) => {
        const late = from === server ? chaos.latency : 0
        last = last.then(() => pass(bytes, to, { late, isAnswer: from === server, isStalled }))
      })
      from.on('end', () => {
        last = last.then(() => untilNot(isStalled, to)).then(() => void to.end())
      })
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })

  interface Passing {
    late: number
    isAnswer: boolean
    isStalled: () => boolean
  }

  async function pass(bytes: Buffer, to: Socket, { late, isAnswer, isStalled }: Passing): Promise<void> {
    if (late > 0) await new Promise((resolve) => setTimeout(resolve, late))
    await untilNot(isStalled, to)
    if (to.destroyed) return
    if (!isAnswer || !chaos.resetting) to.write(bytes)
    else to.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => to.resetAndDestroy())
  }

  async function untilNot(isStalled: () => boolean, to: Socket): Promise<void> {
    while (isStalled() && !to.destroyed) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  return {
    chaos,
    through(database) {
      const changed = new URL(database)
      changed.hostname = '127.0.0.1'
      changed.port = String(port)
      return changed.href
    },
    opened: () => opened,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
