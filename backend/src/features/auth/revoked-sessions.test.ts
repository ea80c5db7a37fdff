import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { createRevokedSessions, PROOF_MS, type RevokedSessions } from './revoked-sessions.ts'

function setUp() {
  const clock = { now: 0 }
  return { clock, revoked: createRevokedSessions(1800, () => clock.now) }
}

describe('a set of revoked sessions', () => {
  test('is not proved before it is loaded, nor by a heartbeat then', () => {
    const { revoked } = setUp()
    revoked.prove(0)
    expect([revoked.isLoaded(), revoked.isProved()]).toEqual([false, false])
    revoked.load(['before'])
    expect([revoked.isLoaded(), revoked.isProved(), revoked.has('before'), revoked.has('other')]).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('stays proved for two seconds after the newest heartbeat was sent, not after it was heard', () => {
    const { clock, revoked } = setUp()
    revoked.load([])
    clock.now = 1500
    revoked.prove(1000)
    clock.now = 1000 + PROOF_MS
    expect(revoked.isProved()).toBe(true)
    clock.now++
    expect(revoked.isProved()).toBe(false)
    revoked.prove(500)
    expect(revoked.isProved()).toBe(false)
  })

  test('a loss ends the proof at once, until it is loaded anew; what it knows stays', () => {
    const { revoked } = setUp()
    revoked.load(['before'])
    revoked.doubt()
    revoked.prove(1)
    expect([revoked.isProved(), revoked.isLoaded(), revoked.has('before')]).toEqual([false, true, true])
    revoked.load([])
    expect(revoked.isProved()).toBe(true)
  })

  test('forgets after its time', () => {
    const { clock, revoked } = setUp()
    revoked.add('old')
    clock.now = 1_800_000
    revoked.add('new')
    revoked.sweep()
    expect([revoked.has('old'), revoked.has('new')]).toEqual([true, true])
    clock.now++
    revoked.sweep()
    expect([revoked.has('old'), revoked.has('new')]).toEqual([false, true])
  })
})

/**
 * Any history of a channel that gives messages in order, late, and loses all that is on the way when its connection is lost, with or
 * without anybody noticing: a session that was revoked more than PROOF_MS ago is known, or the set says that it cannot be sure.
 */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('revoke' as const) },
  { weight: 4, arbitrary: fc.constant('beat' as const) },
  { weight: 6, arbitrary: fc.constant('deliver' as const) },
  { weight: 4, arbitrary: fc.record({ wait: fc.constantFrom(1, 300, 1000, PROOF_MS, PROOF_MS + 1) }) },
  { weight: 1, arbitrary: fc.constant('lose unnoticed' as const) },
  { weight: 1, arbitrary: fc.constant('notice' as const) },
  { weight: 2, arbitrary: fc.constant('listen and load' as const) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

function expectNeverOpen(history: Step[], fault: (revoked: RevokedSessions) => Partial<RevokedSessions> = () => ({})): void {
  const { clock, revoked: right } = setUp()
  const revoked = { ...right, ...fault(right) }
  const table: { id: string; at: number }[] = []
  let channel: ({ id: string } | { beat: number })[] = []
  let isConnected = false
  for (const action of history) {
    if (typeof action === 'object') clock.now += action.wait
    else if (action === 'revoke') {
      const id = `session-${table.length}`
      table.push({ id, at: clock.now })
      if (isConnected) channel.push({ id })
    } else if (action === 'beat') {
      if (isConnected) channel.push({ beat: revoked.now() })
    } else if (action === 'deliver') {
      const message = channel.shift()
      if (message && 'id' in message) revoked.add(message.id)
      else if (message) revoked.prove(message.beat)
    } else if (action === 'listen and load') {
      ;[channel, isConnected] = [[], true]
      revoked.load(
        table.map(({ id }) => id),
        clock.now,
      )
    } else {
      ;[channel, isConnected] = [[], false]
      if (action === 'notice') revoked.doubt()
    }
    const missed = table.filter(({ id, at }) => !revoked.has(id) && clock.now - at > PROOF_MS)
    expect(missed.length > 0 && revoked.isProved()).toBe(false)
  }
}

describe('any history of losses', () => {
  test('is never open', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (history) => {
        expectNeverOpen(history)
      }),
      { numRuns: propertyRuns(500) },
    )
  })

  test('the check is not blind: faults are found in histories that are right without them', () => {
    const unnoticed: Step[] = ['listen and load', 'lose unnoticed', 'revoke', { wait: PROOF_MS + 1 }]
    const late: Step[] = ['listen and load', 'beat', 'revoke', { wait: PROOF_MS + 1 }, 'deliver']
    for (const history of [unnoticed, late]) expectNeverOpen(history)
    // A proof that does not end; one that runs from when the beat was heard.
    expect(() => {
      expectNeverOpen(unnoticed, () => ({ isProved: () => true }))
    }).toThrow()
    expect(() => {
      expectNeverOpen(late, (right) => ({ prove: () => right.prove(right.now()) }))
    }).toThrow()
  })
})
