import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReadyViews, type ReadView } from './ready-views.ts'

const TIMER = '0192f0c0-0000-7000-8000-000000000001'
const OTHER = '0192f0c0-0000-7000-8000-000000000002'
const START = Date.parse('2026-03-01T12:00:00Z')

/** A timer in a database whose clock is START + 5 s at 0, and a memory of its view. */
function setUp() {
  const world = { time: 0, isHeard: true, version: 0, reads: 0 }
  const views = createReadyViews({ isHeard: () => world.isHeard, now: () => world.time })
  const see = (): ReadView => {
    const serverTime = new Date(START + 5_000 + world.time).toISOString()
    return {
      timerId: TIMER,
      serverTime,
      body: JSON.stringify({ title: `version ${world.version}`, server_time: serverTime, revision: 1 }),
    }
  }
  /** Begins a read, which sees what is there now, and says it when it is let. */
  const begin = () => {
    const gate = Promise.withResolvers<undefined>()
    const read = () => {
      world.reads++
      const seen = see()
      return gate.promise.then(() => seen)
    }
    return { answer: views.answer('/a/b', read), finish: () => gate.resolve(undefined) }
  }
  const ask = async () =>
    JSON.parse(String(await views.answer('/a/b', async () => (world.reads++, see())))) as {
      title: string
      server_time: string
    } | null
  return { world, views, begin, ask }
}

describe('ready views', () => {
  it('read once for everybody within a second, each with the time of its moment', async () => {
    const { world, ask } = setUp()
    await ask()
    world.time = 999
    expect(await ask()).toEqual({ title: 'version 0', server_time: new Date(START + 5_999).toISOString(), revision: 1 })
    expect(world.reads).toBe(1)
    world.time = 1_000
    await ask()
    expect(world.reads).toBe(2)
  })

  it('are one read for all who ask while it is under way', async () => {
    const { world, begin } = setUp()
    const one = begin()
    const other = begin()
    one.finish()
    expect(await one.answer).toBe(await other.answer)
    expect(world.reads).toBe(1)
  })

  it('do not keep what changed while it was read, nor let anybody join such a read', async () => {
    const { world, views, begin, ask } = setUp()
    const slow = begin()
    world.version = 1
    views.changed(TIMER)
    expect(await ask()).toMatchObject({ title: 'version 1' })
    slow.finish()
    expect(JSON.parse(String(await slow.answer))).toMatchObject({ title: 'version 0' })
    expect(await ask()).toMatchObject({ title: 'version 1' })
  })

  it('do not forget a slow read once there is a newer one', async () => {
    const { world, views, begin, ask } = setUp()
    const slow = begin()
    views.changed(OTHER)
    const newer = begin()
    world.version = 1
    views.changed(TIMER)
    slow.finish()
    await slow.answer
    expect(await ask()).toMatchObject({ title: 'version 1' })
    newer.finish()
    await newer.answer
    expect(await ask()).toMatchObject({ title: 'version 1' })
  })

  it('are read each time while changes may be missed, and none is left from before', async () => {
    const { world, views, ask } = setUp()
    await ask()
    world.isHeard = false
    world.version = 1
    expect(await ask()).toMatchObject({ title: 'version 1' })
    world.version = 2
    expect(await ask()).toMatchObject({ title: 'version 2' })
    views.missed()
    world.isHeard = true
    expect(await ask()).toMatchObject({ title: 'version 2' })
    expect(world.reads).toBe(4)
  })

  it('keep no refusal, and none of a read that failed', async () => {
    const { views, ask } = setUp()
    expect(await views.answer('/a/b', () => Promise.resolve(null))).toBeNull()
    await expect(views.answer('/a/b', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await ask()).toMatchObject({ title: 'version 0' })
  })

  it('leave words alone that look like the time', async () => {
    const views = createReadyViews({ isHeard: () => true, now: () => 0 })
    const title = '"server_time":"2001-01-01T00:00:00Z"'
    const serverTime = '2026-03-01T12:00:00.123456Z'
    const read = () =>
      Promise.resolve({ timerId: TIMER, serverTime, body: JSON.stringify({ title, server_time: serverTime, x: 1 }) })
    await views.answer('/a/b', read)
    expect(JSON.parse(String(await views.answer('/a/b', read)))).toEqual({ title, server_time: '2026-03-01T12:00:00.123Z', x: 1 })
  })

  it('have an end: those that came first go', async () => {
    const views = createReadyViews({ isHeard: () => true, now: () => 0 })
    const reads = new Map<string, number>()
    const read = (address: string) => () => {
      reads.set(address, (reads.get(address) ?? 0) + 1)
      const body = JSON.stringify({ title: 'x'.repeat(100_000), server_time: '2026-03-01T12:00:00Z' })
      return Promise.resolve({ timerId: TIMER, serverTime: '2026-03-01T12:00:00Z', body })
    }
    for (let n = 0; n < 60; n++) await views.answer(`/${String(n)}`, read(`/${String(n)}`))
    await views.answer('/0', read('/0'))
    await views.answer('/59', read('/59'))
    expect([reads.get('/0'), reads.get('/59')]).toEqual([2, 1])
  })

  it('never show less than was heard of, in whatever order things happen', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('ask') },
      { weight: 2, arbitrary: fc.constant('begin') },
      { weight: 2, arbitrary: fc.constant('finish') },
      { weight: 3, arbitrary: fc.constant('change') },
      { weight: 2, arbitrary: fc.constant('hear') },
      { weight: 1, arbitrary: fc.constant('lose') },
      { weight: 2, arbitrary: fc.constant('hear of another') },
      { weight: 1, arbitrary: fc.nat(400) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { world, views, begin, ask } = setUp()
        const under: ReturnType<typeof begin>[] = []
        let heard = 0
        for (const one of steps) {
          if (typeof one === 'number') world.time += one
          else if (one === 'change') world.version++
          else if (one === 'hear') {
            views.changed(TIMER)
            heard = world.version
          } else if (one === 'hear of another') views.changed(OTHER)
          else if (one === 'lose') {
            // Between a loss and the return nothing is heard; what is missed then is said at the return.
            world.isHeard = !world.isHeard
            if (world.isHeard) {
              views.missed()
              heard = world.version
            }
          } else if (one === 'begin') under.push(begin())
          else if (one === 'finish') {
            under.shift()?.finish()
            for (let turn = 0; turn < 10; turn++) await Promise.resolve()
          } else {
            const asked = ask()
            // A read that others began may be the one that is waited for.
            for (let turn = 0; turn < 5; turn++) await Promise.resolve()
            const isJoined = await Promise.race([
              asked.then(() => false),
              Promise.resolve()
                .then(() => Promise.resolve())
                .then(() => true),
            ])
            if (isJoined) for (const slow of under.splice(0)) slow.finish()
            const seen = await asked
            expect(Number(seen?.title.split(' ')[1])).toBeGreaterThanOrEqual(world.isHeard ? heard : world.version)
          }
        }
        for (const slow of under) {
          slow.finish()
          await slow.answer
        }
      }),
      { numRuns: propertyRuns(1_000) },
    )
  })
})
