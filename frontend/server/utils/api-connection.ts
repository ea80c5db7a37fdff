import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'

/** A connection that is not there by then will not be: all of this is on one machine or in one network. */
const CONNECT_MS = 1_000

/** One request, as it goes over the wire. */
export interface WireRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

/** One answer, with its whole body. */
export interface WireAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

/** There was no answer. */
export class NoAnswer extends Error {
  /** Something may have been sent, so it may have been done. */
  readonly sent: boolean
  /** It took too long. */
  readonly late: boolean

  constructor(how: { sent: boolean; late: boolean }) {
    super('no answer')
    this.sent = how.sent
    this.late = how.late
  }
}

/** Sends a request to one address within `patience` milliseconds; `fresh` on a connection of its own. @throws {NoAnswer} */
export type Send = (request: WireRequest, to: { address: string; patience: number; fresh: boolean }) => Promise<WireAnswer>

/**
 * Connections to the addresses of one origin, kept alive for each of them. Node's `fetch` takes one address of a name, stays with it
 * and cannot be told to try another, so the address is chosen here and the name goes into `Host`.
 */
export function openConnections(origin: URL): Send {
  const { request: ask, Agent } = origin.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 32, scheduling: 'lifo' })
  const port = origin.port || (origin.protocol === 'https:' ? 443 : 80)
  const hostname = origin.hostname.replace(/^\[(.*)\]$/, '$1')
  const tls = origin.protocol === 'https:' && !isIP(hostname) ? { servername: hostname } : {}

  return ({ method, path, headers, body }, { address, patience, fresh }) =>
    new Promise((resolve, reject) => {
      let sent = false
      const message = ask({
        host: address,
        port,
        ...tls,
        method,
        path,
        agent: fresh ? false : agent,
        headers: { host: origin.host, ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      })
      const late = () => fail(true)
      const whole = setTimeout(late, patience)
      const connecting = setTimeout(late, Math.min(patience, CONNECT_MS))

      function settle(): void {
        clearTimeout(whole)
        clearTimeout(connecting)
      }
      function fail(isLate: boolean): void {
        settle()
        reject(new NoAnswer({ sent, late: isLate }))
        message.destroy()
      }
      message.on('socket', (socket) => {
        const connected = () => {
          sent = true
          clearTimeout(connecting)
        }
        if (socket.connecting) socket.once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
        else connected()
      })
      // Stays for what comes after the end.
      message.on('error', () => fail(false))
      message.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => fail(false))
        response.on('end', () => {
          settle()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      message.end(body)
    })
}
