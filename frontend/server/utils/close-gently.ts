// The same as backend/src/platform/close-gently.ts, which is tested there; a test compares the two.

import type { Server } from 'node:http'
import { Server as TcpServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'

/** A turn of the event loop that took no longer than this had nothing to do. */
const QUIET_TURN_MS = 0.05
/** Under constant load there is no such turn; then it is closed all the same. */
const WAIT_FOR_QUIET_MS = 1_000
/** Whoever has just connected may ask within this; what is idle after it is closed. */
const LOOK_FOR_IDLE_MS = 250

/**
 * Stops accepting and resolves when everything accepted has been answered; what is still under way after `patienceMs` is cut.
 * Resolves to how many connections that were.
 *
 * Two kinds of connection would be reset by a plain `server.close()`: those that the kernel has completed and nobody has accepted
 * yet, and those that were accepted and have not asked yet, which Node 26 counts as idle. So it is closed right after a turn of the
 * event loop that had nothing to accept, and the idle are closed a moment later. (Measured with 600 new connections a second, in
 * forty stops: 24 to 29 resets became 0 to 10, by how busy the machine was with other things.)
 */
export async function closeGently(server: Server, patienceMs: number): Promise<number> {
  await untilQuiet(server)
  const closed = new Promise<void>((resolve) => {
    TcpServer.prototype.close.call(server, () => {
      resolve()
    })
  })
  const closeIdle = setInterval(() => {
    server.closeIdleConnections()
  }, LOOK_FOR_IDLE_MS)
  let cut = 0
  const cutRest = setTimeout(() => {
    server.getConnections((_error, count) => {
      cut = count
      server.closeAllConnections()
    })
  }, patienceMs)
  await closed
  clearInterval(closeIdle)
  clearTimeout(cutRest)
  return cut
}

async function untilQuiet(server: Server): Promise<void> {
  let accepted = 0
  const count = () => {
    accepted++
  }
  server.on('connection', count)
  const began = performance.now()
  for (let last = began, seen = -1; ;) {
    await setImmediate()
    const now = performance.now()
    if ((accepted === seen && now - last < QUIET_TURN_MS) || now - began > WAIT_FOR_QUIET_MS) break
    last = now
    seen = accepted
  }
  server.off('connection', count)
}
