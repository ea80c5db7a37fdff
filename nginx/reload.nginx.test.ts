import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { startNginx, type TestNginx } from './testing/start-nginx.ts'

/** How often nginx is told to read its configuration anew; the drill `reload` says more. */
const RELOADS = Number(process.env['NGINX_RELOADS'] ?? 10)
/** Requests that are answered between one and the next, at least. */
const ANSWERS = 20

const running: TestNginx[] = []
afterEach(async () => {
  for (const nginx of running.splice(0)) {
    if (nginx.child.exitCode === null) await nginx.stop()
  }
})

/** What became of the requests. */
interface Tally {
  answered: number
  failed: string[]
  /** Asked again on a new connection, after one that had answered before was reset. */
  repeated: number
}

const PATHS = ['/', '/ada/incident-timer', '/backend/incident-timers', '/_nuxt/entry.abc123.js']

/**
 * Asks one after the other over HTTP/2, as a browser does: a connection that says goodbye is followed by another. nginx closes after
 * its goodbye, and what arrives in that moment makes the kernel reset the connection, so that the goodbye itself may be lost: a
 * browser then asks once more, where the connection had answered before and what was asked changes nothing (RFC 9110, 9.2.2).
 */
async function askOverHttp2(nginx: TestNginx, tally: Tally, isOver: () => boolean): Promise<void> {
  let session: ClientHttp2Session | null = null
  let lastRead = Infinity
  let hasAnswered = false
  for (let count = 0; !isOver(); count++) {
    if (session === null) {
      session = connectHttp2(`https://localhost:${nginx.httpsPort}`, { rejectUnauthorized: false }).on('error', () => undefined)
      lastRead = Infinity
      hasAnswered = false
      session.on('goaway', (_, lastStreamId) => (lastRead = lastStreamId))
    }
    const open: ClientHttp2Session = session
    const outcome = await new Promise<string>((resolve) => {
      if (open.closed || open.destroyed) {
        resolve('unread')
        return
      }
      const stream = open.request({ ':path': PATHS[count % PATHS.length] ?? '/' })
      let status = 'no answer'
      let trouble = ''
      stream.on('response', (headers) => (status = String(headers[':status'])))
      stream.on('error', (error: NodeJS.ErrnoException) => (trouble = error.code ?? error.message))
      // What came after the goodbye was not read, so it is asked again (RFC 9113, 6.8).
      stream.on('close', () =>
        resolve(status === 'no answer' && (stream.id ?? Infinity) > lastRead ? 'unread' : trouble || status),
      )
      stream.resume()
    })
    if (open.closed || open.destroyed) session = null
    if (outcome === '200') {
      tally.answered++
      hasAnswered = true
    } else if (outcome === 'no answer' && session === null && hasAnswered) tally.repeated++
    else if (outcome !== 'unread') tally.failed.push(`HTTP/2: ${outcome}${hasAnswered ? '' : ', on a new connection'}`)
  }
  session?.destroy()
}

/** Each request on a connection of its own: none can be closed at the moment in which it is used again. */
async function askOverHttp1(nginx: TestNginx, tally: Tally, isOver: () => boolean): Promise<void> {
  for (let count = 0; !isOver(); count++) {
    const write = count % 5 === 4
    const target = write ? '/backend/incident-timers' : (PATHS[count % PATHS.length] ?? '/')
    const outcome = await new Promise<string>((resolve) => {
      https
        .request(
          {
            host: '127.0.0.1',
            port: nginx.httpsPort,
            path: target,
            method: write ? 'POST' : 'GET',
            rejectUnauthorized: false,
            agent: false,
          },
          (response) => response.resume().on('end', () => resolve(String(response.statusCode))),
        )
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end()
    })
    if (outcome === '200') tally.answered++
    else tally.failed.push(`HTTP/1.1: ${outcome}`)
  }
}

/** Waits until the load is there, however much else the machine has to do; 10 s at most, and no longer than all goes well. */
async function haveAnswered(tally: Tally, count: number): Promise<void> {
  for (let waits = 0; tally.answered < count && tally.failed.length === 0 && waits < 500; waits++) await delay(20)
}

async function reloadUnderLoad(reload: (nginx: TestNginx) => void): Promise<Tally> {
  const nginx = await startNginx({ limits: false })
  running.push(nginx)
  const answer = nginx.api.answer
  // Long enough that some are always under way.
  nginx.api.answer = nginx.pages.answer = (...both) => void setTimeout(() => answer(...both), 20)
  const tally: Tally = { answered: 0, failed: [], repeated: 0 }
  let over = false
  const clients = [
    ...Array.from({ length: 8 }, () => askOverHttp2(nginx, tally, () => over)),
    ...Array.from({ length: 8 }, () => askOverHttp1(nginx, tally, () => over)),
  ]
  for (let time = 0; time < RELOADS; time++) {
    await delay(250)
    await haveAnswered(tally, time * ANSWERS)
    reload(nginx)
  }
  await haveAnswered(tally, RELOADS * ANSWERS + 1)
  await delay(500)
  over = true
  await Promise.all(clients)
  return tally
}

describe('O14: nginx reads its configuration anew under load', () => {
  it(`${RELOADS} times, and nobody notices`, { timeout: 60_000 + RELOADS * 2_000 }, async () => {
    const tally = await reloadUnderLoad((nginx) => nginx.child.kill('SIGHUP'))
    expect(tally.failed).toEqual([])
    expect(tally.answered).toBeGreaterThan(RELOADS * ANSWERS)
    // Rare: at most one in some five thousand was seen.
    expect(tally.repeated).toBeLessThanOrEqual(Math.ceil(tally.answered / 500))
    process.stdout.write(`${tally.answered} requests while nginx reloaded ${RELOADS} times, ${tally.repeated} asked again\n`)
  })

  it('negative control: whoever is killed is noticed', async () => {
    let times = 0
    const tally = await reloadUnderLoad((nginx) => {
      if (times++ === 0) nginx.child.kill('SIGTERM')
    })
    expect(tally.failed.length).toBeGreaterThan(0)
  })
})
