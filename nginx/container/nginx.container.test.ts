import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  becomesHealthy,
  certificateName,
  docker,
  get,
  prepare,
  putCertificate,
  removeAll,
  saysWithin,
  start,
  startStandIn,
  type Place,
} from '../testing/container.ts'

let place: Place
beforeAll(async () => {
  place = await prepare()
  await putCertificate(place, 'first')
}, 120_000)
afterAll(() => removeAll(place))
afterEach(() => docker('rm', '-f', place.name))

describe('the nginx container', () => {
  it('waits for its certificate, says so, and serves; without one it gives up', async () => {
    rmSync(path.join(place.folder, 'certificates/live'), { force: true })
    await start(place, { CERTIFICATE_WAIT: '2' })
    await saysWithin(place, 'there is no certificate in /certificates/live/fullchain.pem', 10)
    expect((await docker('wait', place.name)).trim()).toBe('1')
    await docker('rm', '-f', place.name)

    await start(place)
    await saysWithin(place, 'waiting for a certificate', 10)
    await putCertificate(place, 'late')
    await becomesHealthy(place)
    expect(await certificateName(place)).toBe('late')
  })

  it('sends each request where it belongs, and has assets of earlier releases and challenges of the authority', async () => {
    await start(place)
    await becomesHealthy(place)
    expect(await get(place, '/backend/a%20b?c=%2F')).toMatchObject({ status: 200, body: 'backend /backend/a%20b?c=%2F' })
    expect(await get(place, '/ada/incident-timer')).toMatchObject({ status: 200, body: 'frontend /ada/incident-timer' })
    expect(await get(place, '/backend/x', { method: 'DELETE' })).toMatchObject({ status: 200, body: 'backend /backend/x' })
    expect(await get(place, '/_nuxt/new.222.js')).toMatchObject({ status: 200, body: '// new' })
    expect(await get(place, '/_nuxt/old.111.js')).toMatchObject({ status: 200, body: '// old' })
    expect(await get(place, '/_nuxt/none.js')).toMatchObject({ status: 404 })
    expect(await get(place, '/a?b', { plain: true })).toMatchObject({
      status: 301,
      location: `https://localhost:${place.httpsPort}/a?b`,
    })
    const challenge = '/.well-known/acme-challenge'
    expect(await get(place, `${challenge}/a_Token-1`, { plain: true })).toEqual({
      status: 200,
      body: 'a_Token-1.proof',
      location: undefined,
      type: 'text/plain; charset=utf-8',
    })
    for (const other of ['other.txt', '', 'sub', 'sub/', 'none']) {
      expect((await get(place, `${challenge}/${other}`, { plain: true })).status, other).toBe(404)
    }
    for (const way of ['..%2f..%2fsecret', '../../secret']) {
      expect((await get(place, `${challenge}/${way}`, { plain: true })).status, way).toBe(301)
    }
  })

  it('logs requests as JSON, hides secret links in its errors, and outlives the reader of those', async () => {
    await start(place)
    await becomesHealthy(place)
    expect((await get(place, '/s/query-secret-1?token=query-secret-2')).status).toBe(200)
    expect((await get(place, '/s/silent-secret?token=query-secret-2')).status).toBe(503)
    const log = await saysWithin(place, '"path":"/s/…","status":503', 10)
    expect(log).toMatch(/upstream timed out .* "GET \/s\/…/)
    expect(log).not.toContain('secret')
    expect(log).not.toContain('site-healthcheck')
    for (const line of log.split('\n').filter((text) => text.startsWith('{'))) expect(() => void JSON.parse(line)).not.toThrow()
    // The filter is whoever runs sed; nginx is process 1.
    await docker(
      'exec',
      place.name,
      'bash',
      '-c',
      'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = sed ] && kill -9 ${p#/proc/}; done; [ "$(cat /proc/1/comm)" = nginx ]',
    )
    expect((await get(place, '/s/silent-again')).status).toBe(503)
    expect((await get(place, '/ada/incident-timer')).status).toBe(200)
    expect((await docker('inspect', '-f', '{{.State.Running}}', place.name)).trim()).toBe('true')
  })

  it('takes up a renewed certificate within a minute, refuses a broken one, and drops no request', async () => {
    await putCertificate(place, 'before')
    await start(place)
    await becomesHealthy(place)
    const outcomes: (number | string)[] = []
    let over = false
    const clients = Array.from({ length: 4 }, async (_, index) => {
      while (!over) {
        outcomes.push(
          await get(place, `/client-${index}/slow`).then(
            ({ status }) => status,
            (error: unknown) => String(error),
          ),
        )
      }
    })
    await putCertificate(place, 'broken', 'nonsense')
    await saysWithin(place, 'the new certificate is not good: going on with the one before', 60)
    expect(await certificateName(place)).toBe('before')
    await putCertificate(place, 'after')
    await saysWithin(place, 'took up the new certificate', 60)
    // While old workers go, some connections are still theirs.
    let inARow = 0
    for (let tries = 0; tries < 100 && inARow < 10; tries++) {
      inARow = (await certificateName(place)) === 'after' ? inARow + 1 : 0
      await delay(100)
    }
    expect(inARow).toBe(10)
    await delay(2_000)
    over = true
    await Promise.all(clients)
    expect(outcomes.length).toBeGreaterThan(20)
    expect(new Set(outcomes)).toEqual(new Set([200]))
  })

  it('ends what it has begun when it is asked to stop', async () => {
    await start(place)
    await becomesHealthy(place)
    const slow = get(place, '/slow')
    await delay(300)
    const began = Date.now()
    await docker('stop', '--time', '15', place.name)
    expect(await slow).toMatchObject({ status: 200, body: 'frontend /slow' })
    expect(Date.now() - began).toBeLessThan(8_000)
    expect((await docker('inspect', '-f', '{{.State.ExitCode}} {{.State.OOMKilled}}', place.name)).trim()).toBe('0 false')
  })

  it('passes on to the development server what belongs to it, its WebSocket too', async () => {
    await start(place, { DEVELOPMENT: '1' })
    await becomesHealthy(place)
    expect(await get(place, '/_nuxt/@vite/client')).toMatchObject({ status: 200, body: 'frontend /_nuxt/@vite/client' })
    const heard = await new Promise<string>((resolve) => {
      let words = ''
      const socket = connectTls({ host: '127.0.0.1', port: place.httpsPort, rejectUnauthorized: false }, () =>
        socket.write(
          `GET /_nuxt/ HTTP/1.1\r\nHost: localhost:${place.httpsPort}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        ),
      )
      socket.on('data', (chunk: Buffer) => (words += chunk.toString())).on('close', () => resolve(words))
    })
    expect(heard).toMatch(/^HTTP\/1\.1 101 /)
  })

  it('finds an instance that is new, and leaves one that is gone, by name', async () => {
    await start(place)
    await becomesHealthy(place)
    const second = `${place.name}-second`
    await startStandIn(place.name, 'backend', 8080, 'second')
    try {
      const answers = new Set<string>()
      for (let tries = 0; tries < 100 && answers.size < 2; tries++) {
        answers.add((await get(place, '/backend/x')).body)
        await delay(100)
      }
      expect(answers).toEqual(new Set(['backend /backend/x', 'second /backend/x']))
      await docker('pause', second)
      const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await get(place, '/backend/x')).status))
      expect(new Set(statuses)).toEqual(new Set([200]))
      await docker('unpause', second)
      await docker('kill', second)
      for (let count = 0; count < 50; count++) expect((await get(place, '/backend/x')).status).toBe(200)
    } finally {
      await docker('rm', '-f', second)
    }
  })
})
