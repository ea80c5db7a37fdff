import type { SharedView } from '@kennwilliamson/contracts/sharing'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, ref } from 'vue'
import WallMode from './WallMode.vue'

const VIEW = {
  title: 'Days without sugar',
  user_display_name: 'Ada',
  since: '2026-05-01T00:00:00Z',
  phrase: 'A dull log is a good log.',
  share_level: 'count',
  is_listed: false,
  before_first: false,
  time_zone: 'UTC',
} as SharedView
const props = {
  view: VIEW,
  elapsed: {
    parts: computed(() => ({ years: 0, months: 1, weeks: 0, days: 2, hours: 3, minutes: 4, seconds: 5 })),
    sentence: computed(() => '1 month and 2 days'),
    paused: ref(false),
  },
  label: 'since the last incident',
}
const release = vi.fn(async () => undefined)
const request = vi.fn(async () => ({ released: false, release }))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
  vi.setSystemTime(new Date(2026, 5, 1, 12))
  document.body.innerHTML = '<a class="skip"></a><header></header>'
  Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true })
})
enableAutoUnmount(afterEach)
afterEach(() => {
  vi.useRealTimers()
  vi.clearAllMocks()
  document.body.innerHTML = ''
})

async function mount() {
  const wrapper = await mountSuspended(WallMode, { props, attachTo: document.body })
  await flushPromises()
  return wrapper
}

describe('WallMode', () => {
  it('shows phrase, clock and title, has the focus on the way out, and nothing else can have it', async () => {
    const wrapper = await mount()
    expect(wrapper.get('h1').text().replaceAll(/\s+/g, ' ')).toBe('Days without sugar, since 1 May 2026')
    expect(wrapper.get('[role=timer]').text()).toContain('1 month and 2 days since the last incident')
    expect(document.activeElement?.textContent).toBe('Leave wall mode')
    expect([...document.querySelectorAll<HTMLElement>('.skip, header')].map(({ inert }) => inert)).toEqual([true, true])
    wrapper.unmount()
    expect([...document.querySelectorAll<HTMLElement>('.skip, header')].map(({ inert }) => inert)).toEqual([false, false])
  })

  it('keeps the screen on, again after the tab was hidden, and lets go', async () => {
    const wrapper = await mount()
    expect(request).toHaveBeenCalledExactlyOnceWith('screen')
    document.dispatchEvent(new Event('visibilitychange'))
    await flushPromises()
    expect(request).toHaveBeenCalledTimes(1)
    const lock = (await request.mock.results[0]?.value) as { released: boolean }
    lock.released = true
    document.dispatchEvent(new Event('visibilitychange'))
    await flushPromises()
    expect(request).toHaveBeenCalledTimes(2)
    wrapper.unmount()
    expect(release).toHaveBeenCalledTimes(1)
  })

  it('is there where the browser keeps no screen on', async () => {
    Object.defineProperty(navigator, 'wakeLock', { value: undefined, configurable: true })
    expect((await mount()).find('[role=timer]').exists()).toBe(true)
    request.mockRejectedValueOnce(new Error('battery'))
    Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true })
    expect((await mount()).find('[role=timer]').exists()).toBe(true)
  })

  it('dims at ten in the evening, and is bright again at seven', async () => {
    const wrapper = await mount()
    const isDim = async (hour: number, minute: number) => {
      vi.setSystemTime(new Date(2026, 5, 1, hour, minute))
      vi.advanceTimersByTime(60_000)
      await flushPromises()
      return wrapper.classes().includes('night')
    }
    expect([await isDim(21, 57), await isDim(22, 0), await isDim(3, 0), await isDim(6, 57), await isDim(7, 0)]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
  })

  it('is left by its button, by Escape and with the full screen', async () => {
    const wrapper = await mount()
    await wrapper.get('button').trigger('click')
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
    document.dispatchEvent(new Event('fullscreenchange'))
    expect(wrapper.emitted('leave')).toHaveLength(2)
    Object.defineProperty(document, 'fullscreenElement', { value: document.documentElement, configurable: true })
    document.dispatchEvent(new Event('fullscreenchange'))
    Object.defineProperty(document, 'fullscreenElement', { value: null, configurable: true })
    document.dispatchEvent(new Event('fullscreenchange'))
    expect(wrapper.emitted('leave')).toHaveLength(3)
  })
})
