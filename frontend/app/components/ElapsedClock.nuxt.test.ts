import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import ElapsedClock from './ElapsedClock.vue'

const since = '2026-07-05T13:58:00Z'

/** A server clock that the test moves. */
function movableClock(start: string) {
  let now = Date.parse(start)
  return { clock: { rendered: now, now: () => now }, move: (milliseconds: number) => (now += milliseconds) }
}

async function mountAt(start: string) {
  const { clock, move } = movableClock(start)
  const wrapper = await mountSuspended(ElapsedClock, {
    props: { since, timeZone: 'Europe/London', clock, label: 'since the last incident' },
    slots: { default: () => 'since Sunday' },
  })
  const pass = async (milliseconds: number) => {
    for (let left = milliseconds; left > 0; left -= 500) {
      move(Math.min(500, left))
      await vi.advanceTimersByTimeAsync(Math.min(500, left) + 3)
    }
    await nextTick()
  }
  const digits = () =>
    wrapper
      .findAll('.flap > .up')
      .map((card) => card.text())
      .join('')
  const sentence = () => wrapper.get('[role=timer] .sr-only').text()
  return { wrapper, pass, digits, sentence }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('ElapsedClock', () => {
  it('shows all parts but the zeros on the left', async () => {
    const { digits, wrapper } = await mountAt('2026-07-05T15:00:05Z')
    expect(digits()).toBe('010205')
    expect(wrapper.findAll('.unit').map((unit) => unit.text())).toEqual(['hours', 'minutes', 'seconds'])
    wrapper.unmount()
  })

  it('ticks each second', async () => {
    const { digits, pass, wrapper } = await mountAt('2026-07-05T13:58:05Z')
    expect(digits()).toBe('0005')
    await pass(3000)
    expect(digits()).toBe('0008')
    wrapper.unmount()
  })

  it('says one sentence that changes by the minute, and hides the digits from it', async () => {
    const { sentence, pass, wrapper } = await mountAt('2026-07-05T13:59:30Z')
    expect(sentence()).toBe('1 minute since the last incident')
    await pass(10_000)
    expect(sentence()).toBe('1 minute since the last incident')
    await pass(21_000)
    expect(sentence()).toBe('2 minutes since the last incident')
    expect(wrapper.get('.clock').attributes('aria-hidden')).toBe('true')
    wrapper.unmount()
  })

  it('holds the display while paused and catches up afterwards', async () => {
    const { digits, pass, wrapper } = await mountAt('2026-07-05T13:58:05Z')
    await wrapper.get('button').trigger('click')
    await pass(5000)
    expect(digits()).toBe('0005')
    expect(wrapper.get('button').attributes('aria-pressed')).toBe('true')
    await wrapper.get('button').trigger('click')
    await nextTick()
    expect(digits()).toBe('0010')
    wrapper.unmount()
  })

  it('begins again when the incident changes', async () => {
    const { digits, wrapper } = await mountAt('2026-07-05T13:58:05Z')
    await wrapper.setProps({ since: '2026-07-05T13:58:04Z' })
    expect(digits()).toBe('0001')
    wrapper.unmount()
  })
})
