import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { closeGently } from './utils/close-gently.ts'
import { isDraining, startDraining } from './utils/drain.ts'
import { log, loggableError } from './utils/log.ts'
import { getSettings } from './utils/settings.ts'

// What is started in production, in the place of Nitro's own entry (nuxt.config.ts), which stops accepting at once, resets
// connections that wait to be accepted, and goes on after an uncaught exception.

/** How long a stop waits for what is under way, once it accepts nothing more. */
const FINISH_WITHIN_MS = 8_000
/** A stop that takes longer than this, after the drain, is cut short. */
const STOP_WITHIN_MS = 10_000

/** Ready turns 503 first, and for a while whoever still comes is served; then nothing new is accepted, and what is under way ends. */
async function stop(signal: string): Promise<void> {
  if (isDraining()) return
  const { drainSeconds } = getSettings()
  startDraining()
  log('info', { signal, drain_seconds: drainSeconds }, 'stopping')
  await delay(drainSeconds * 1000)
  setTimeout(() => {
    log('error', {}, 'did not stop in time')
    process.exit(1)
  }, STOP_WITHIN_MS).unref()
  const cut = await closeGently(server, FINISH_WITHIN_MS)
  if (cut > 0) log('warn', { connections: cut }, 'cut what did not finish')
  await nitro.hooks.callHook('close')
  log('info', {}, 'stopped')
  process.exit(0)
}

function fail(kind: string): (error: unknown) => void {
  return (error) => {
    log('fatal', { err: loggableError(error) }, kind)
    process.exit(1)
  }
}

process.on('SIGTERM', (signal) => void stop(signal))
process.on('SIGINT', (signal) => void stop(signal))
process.on('uncaughtException', fail('uncaught exception'))
// A page may leave a promise behind when its visitor goes away: not a reason to take the site from all others.
process.on('unhandledRejection', (error) => log('error', { err: loggableError(error) }, 'unhandled rejection'))

const nitro = useNitroApp()
const listener = toNodeListener(nitro.h3App)
const server = createServer((request, response) => {
  // So that no connection is kept by which a request could come when this has stopped.
  if (isDraining()) response.setHeader('connection', 'close')
  void listener(request, response)
})
server.once('error', fail('cannot listen'))
const port = Number(process.env.NITRO_PORT || 3000)
server.listen({ host: process.env.NITRO_HOST || '127.0.0.1', port }, () => {
  const address = server.address()
  log('info', { port: typeof address === 'object' ? address?.port : port }, 'listening')
})

export default {}
