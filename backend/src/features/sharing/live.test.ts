import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { SharedEvent } from '@kennwilliamson/contracts/sharing'
import { afterEach, describe, expect, test } from 'vitest'
import { openEventStream } from '../../http/event-stream.ts'
import { createTally } from '../../platform/tally.ts'
import { openEvents, type EventReader } from '../../testing/event-reader.ts'
import { createLive, type Live } from './live.ts'
import type { Target } from './queries.ts'
import type { Shown } from './shared-view.ts'

const idOf = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

function eventOf(revision: number, title = 'x'): SharedEvent {
  const since = '2026-01-01T00:00:00Z'
  return {
    title,
    user_display_name: 'Ada',
    since,
    before_first: false,
    time_zone: 'UTC',
    phrase: null,
    share_level: 'count',
    is_listed: false,
    revision,
    server_time: since,
  }
}

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0)) await close()
})

/** A site with timers in memory, over real sockets. */
async function startSite(options: { maxViewers?: number; beatMs?: number } = {}) {
  const state = new Map<string, { revision: number; title?: string; expiresInMs?: number }>()
  const tally = createTally()
  const asked: Target[][] = []
  const errors: unknown[] = []
  const site = { state, tally, asked, errors, hold: null as Promise<unknown> | null, fails: 0 }
  const live: Live = createLive({
    tally,
    onError: (error) => errors.push(error),
    ...options,
    async read(targets) {
      asked.push(targets)
      if (site.fails > 0) {
        site.fails--
        throw new Error('the database is away')
      }
      // As it is when it is read, and not when it arrives.
      const shown = targets.flatMap((target): Shown[] => {
        const now = state.get(target.timerId)
        return now ? [{ target, event: eventOf(now.revision, now.title), expiresInMs: now.expiresInMs ?? null }] : []
      })
      await (site.hold ?? delay(1))
      return shown
    },
  })
  const app = Fastify()
  app.get('/:id', (request, reply) => {
    let leave = (): void => undefined
    const stream = openEventStream(request, reply, () => {
      leave()
    })
    const { id } = request.params as { id: string }
    const lastEventId = request.headers['last-event-id']
    const target = { timerId: idOf(Number(id)), linkId: null }
    if (stream) leave = live.join(target, { ...stream, lastEventId: typeof lastEventId === 'string' ? lastEventId : null })
    return reply
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  toClose.push(() => {
    app.server.closeAllConnections()
    return app.close()
  })
  const { port } = app.server.address() as AddressInfo
  const open = async (n: number, headers: Record<string, string> = {}): Promise<EventReader> => {
    const reader = await openEvents(`http://127.0.0.1:${port}/${n}`, headers)
    toClose.unshift(reader.close)
    return reader
  }
  const change = (n: number, title?: string) => {
    const { revision = 0 } = state.get(idOf(n)) ?? {}
    state.set(idOf(n), { revision: revision + 1, ...(title ? { title } : {}) })
    live.changed(idOf(n))
  }
  return Object.assign(site, { live, open, change, url: `http://127.0.0.1:${port}` })
}

describe('live', () => {
  test('everybody gets a snapshot, then each change once, of their own timer alone', async () => {
    const site = await startSite()
    site.change(1)
    site.change(2)
    const readers = [await site.open(1), await site.open(1), await site.open(2)]
    for (const reader of readers) expect(await reader.event(0)).toMatchObject({ event: 'snapshot', id: '1' })
    site.change(1)
    for (const reader of readers.slice(0, 2))
      expect(await reader.event(1)).toMatchObject({ event: 'change', id: '2', data: { revision: 2 } })
    await delay(50)
    expect(readers.map(({ events }) => events.length)).toEqual([2, 2, 1])
    expect(site.tally.viewers).toBe(3)
    expect(readers[0]?.retry()).toBeGreaterThanOrEqual(500)
  })

  test('a hundred changes at once are few reads, each message the newest, and nobody ends on an old one', async () => {
    const site = await startSite()
    for (let n = 0; n < 40; n++) site.change(n)
    const readers = await Promise.all(Array.from({ length: 40 }, (_, n) => site.open(n)))
    await Promise.all(readers.map((reader) => reader.event(0)))
    const before = site.asked.length
    for (let round = 0; round < 100; round++) for (let n = 0; n < 40; n++) site.change(n)
    for (const reader of readers) expect((await reader.event(1)).id).toBe('101')
    expect(site.asked.length - before).toBeLessThanOrEqual(3)
    expect(Math.max(...site.asked.map(({ length }) => length))).toBeLessThanOrEqual(50)
  })

  test('whoever comes while it is read gets nothing older than what they may have seen', async () => {
    const site = await startSite()
    site.change(1)
    const first = await site.open(1)
    await first.event(0)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    site.hold = promise
    site.change(1)
    await delay(20)
    // Read is revision 2, and now there is 3, which this one has seen already.
    site.state.set(idOf(1), { revision: 3 })
    const second = await site.open(1, { 'last-event-id': '3' })
    site.hold = null
    resolve(undefined)
    site.live.changed(idOf(1))
    expect((await first.event(2)).id).toBe('3')
    await delay(50)
    expect(second.events).toEqual([])
    site.change(1)
    expect(await second.event(0)).toMatchObject({ event: 'change', id: '4' })
  })

  test('with the current Last-Event-ID nothing comes until something changes, with any other a snapshot', async () => {
    const site = await startSite()
    site.change(1)
    const [same, old, odd] = [
      await site.open(1, { 'last-event-id': '1' }),
      await site.open(1, { 'last-event-id': '0' }),
      await site.open(1, { 'last-event-id': '1 or 1=1' }),
    ]
    for (const reader of [old, odd]) expect(await reader.event(0)).toMatchObject({ event: 'snapshot', id: '1' })
    await delay(50)
    expect(same.events).toEqual([])
    site.change(1)
    expect(await same.event(0)).toMatchObject({ event: 'change', id: '2' })
  })

  test('what is not to be seen any more ends the stream, and so does a link whose time has come', async () => {
    const site = await startSite()
    site.change(1)
    site.state.set(idOf(2), { revision: 1, expiresInMs: 150 })
    const [one, other] = [await site.open(1), await site.open(2)]
    await Promise.all([one.event(0), other.event(0)])
    site.state.clear()
    site.live.changed(idOf(1))
    for (const reader of [one, other]) {
      expect((await reader.event(1)).event).toBe('gone')
      await reader.ended
    }
    expect(site.tally.viewers).toBe(0)
  })

  test('a read that fails is made again, and what was missed is read when it can be heard again', async () => {
    const site = await startSite()
    site.change(1)
    const reader = await site.open(1)
    await reader.event(0)
    site.fails = 2
    site.change(1)
    expect((await reader.event(1)).id).toBe('2')
    expect(site.errors).toHaveLength(2)
    site.state.set(idOf(1), { revision: 7 })
    await delay(50)
    expect(reader.events).toHaveLength(2)
    site.live.missed()
    expect((await reader.event(2)).id).toBe('7')
  })

  test('a comment goes out now and then, while somebody is there', async () => {
    const site = await startSite({ beatMs: 40 })
    site.change(1)
    const reader = await site.open(1)
    await delay(200)
    expect(reader.comments()).toBeGreaterThanOrEqual(3)
  })

  test('a reader that takes nothing is cut, others are served, and it comes back to the newest state', async () => {
    const site = await startSite({ beatMs: 60_000 })
    site.change(1)
    const [slow, quick] = [await site.open(1), await site.open(1)]
    await Promise.all([slow.event(0), quick.event(0)])
    slow.pause()
    // A socket takes some megabytes before anything waits with us.
    for (let n = 1; n <= 60; n++) {
      site.change(1, String(n).repeat(200_000).slice(0, 200_000))
      await quick.event(n)
    }
    expect(site.tally).toMatchObject({ viewers: 1, slowViewers: 1 })
    slow.resume()
    await slow.ended
    const back = await site.open(1, { 'last-event-id': '1' })
    expect((await back.event(0)).id).toBe('61')
  }, 20_000)

  test('a reader on whose stream nothing moves between two comments is cut too', async () => {
    const site = await startSite({ beatMs: 50 })
    site.change(1, 'y'.repeat(12_000_000))
    const slow = await site.open(1)
    slow.pause()
    await delay(400)
    expect(site.tally).toMatchObject({ viewers: 0, slowViewers: 1 })
  })

  test('draining ends all with a time to come back; who still comes gets the state, and then the same', async () => {
    const site = await startSite()
    site.change(1)
    const reader = await site.open(1)
    await reader.event(0)
    site.live.drain()
    await reader.ended
    expect(reader.events.map(({ event }) => event)).toEqual(['snapshot'])
    expect(reader.retry()).toBeGreaterThanOrEqual(500)
    const late = await site.open(1)
    await late.ended
    expect(late.events.map(({ event }) => event)).toEqual(['snapshot'])
    expect(site.tally.viewers).toBe(0)
  })

  test('there is a bound, and who leaves makes room', async () => {
    const site = await startSite({ maxViewers: 2 })
    site.change(1)
    const readers = [await site.open(1), await site.open(1)]
    expect(site.live.hasRoom()).toBe(false)
    readers[0]?.close()
    for (let tries = 0; tries < 100 && !site.live.hasRoom(); tries++) await delay(5)
    expect(site.live.hasRoom()).toBe(true)
  })

  test('of a timer that nobody looks at nothing is read, and a message that is none is ignored', async () => {
    const site = await startSite()
    site.change(1)
    site.live.changed('beat 1 of somebody')
    site.live.missed()
    await delay(20)
    expect(site.asked).toEqual([])
  })
})
