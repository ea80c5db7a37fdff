import net from 'node:net'

/**
 * Set-up of every test file: a test may talk to this machine and to nothing else. Whoever needs the world by mistake fails at
 * once, with a word about it, and not after a time-out on a train.
 */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/

interface Target {
  host?: string
  path?: string
}

/** Where a call of `connect` leads: Node passes its own arguments on as one list. */
function targetOf(first: unknown, second: unknown): Target {
  if (Array.isArray(first)) return targetOf(first[0], first[1])
  if (typeof first === 'object' && first !== null) return first
  return typeof second === 'string' ? { host: second } : {}
}

const connect = Reflect.get(net.Socket.prototype, 'connect') as (this: net.Socket, ...given: unknown[]) => net.Socket

net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]): net.Socket {
  const { host, path } = targetOf(given[0], given[1])
  if (path === undefined && host !== undefined && !LOOPBACK.test(host)) {
    throw new Error(
      `A test tried to reach ${host}. Tests talk to this machine alone: hand in what you need, or listen on 127.0.0.1.`,
    )
  }
  return connect.apply(this, given)
}
