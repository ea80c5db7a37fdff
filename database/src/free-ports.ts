import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the range (from 32768 on) from which Linux takes ports for outgoing connections, so that no connection that somebody opens
 * meanwhile takes a port that was found here; above what services usually have.
 */
const [FIRST, END] = [15_000, 32_000]

/** What was handed out to this process already: a port is free again before its taker listens on it. */
const handedOut = new Set<number>()

/** A port on 127.0.0.1 that nobody listens on, and that no earlier call of this process was given. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(FIRST, END)
    if (handedOut.has(port)) continue
    handedOut.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port was found between ${FIRST} and ${END}`)
}

/** Everywhere, since what listens on all addresses takes 127.0.0.1 too. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, () => resolve(true))
  })
  await new Promise((resolve) => server.close(resolve))
  return free
}
