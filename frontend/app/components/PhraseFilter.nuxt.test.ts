import type { UserPhrase } from '@kennwilliamson/contracts/phrases'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../composables/useToast'
import { unreachable } from '../utils/api-error'
import PhraseFilter from './PhraseFilter.vue'

const { list, setHidden } = vi.hoisted(() => ({ list: vi.fn(), setHidden: vi.fn() }))
mockNuxtImport('usePhrases', () => () => ({ list, setHidden }))

const phrase = (n: number, more: Partial<UserPhrase> = {}): UserPhrase => ({
  id: `0198a9a0-0000-7000-8000-00000000000${n}`,
  phrase_text: `Phrase number ${n}`,
  active: true,
  created_by: null,
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-01T00:00:00Z',
  is_excluded: false,
  ...more,
})

async function mount() {
  const say = vi.fn<Say>()
  const wrapper = await mountSuspended(PhraseFilter, { props: { say }, attachTo: document.body })
  await flushPromises()
  const button = (n: number) => wrapper.get<HTMLButtonElement>(`#row-${phrase(n).id}`)
  return { wrapper, say, button }
}

beforeEach(() => {
  list.mockReset().mockResolvedValue({ rows: [phrase(1), phrase(2, { is_excluded: true })], total: 2, next_cursor: null })
  setHidden.mockReset().mockResolvedValue(undefined)
})
enableAutoUnmount(afterEach)
afterEach(() => {
  vi.useRealTimers()
  clearNuxtData()
  document.body.innerHTML = ''
})

describe('PhraseFilter', () => {
  it('says how many there are and which are hidden', async () => {
    const { wrapper, button } = await mount()
    expect(wrapper.text()).toContain('2 phrases')
    expect([button(1).text(), button(1).attributes('aria-pressed')]).toEqual(['Hide: Phrase number 1', 'false'])
    expect([button(2).text(), button(2).attributes('aria-pressed')]).toEqual(['Hidden: Phrase number 2', 'true'])
  })

  it('hides at once, and offers the way back', async () => {
    const { say, button } = await mount()
    setHidden.mockReturnValueOnce(new Promise(() => undefined))
    await button(1).trigger('click')
    expect(button(1).attributes('aria-pressed')).toBe('true')
    expect(setHidden).toHaveBeenCalledExactlyOnceWith(phrase(1).id, true)
    expect(say).toHaveBeenCalledExactlyOnceWith('Hidden from your clocks', expect.any(Function))
  })

  it('is undone by the way back, which names the button that takes the focus', async () => {
    const { say, button } = await mount()
    await button(1).trigger('click')
    await flushPromises()
    expect(await say.mock.calls[0]?.[1]?.()).toBe(`row-${phrase(1).id}`)
    await flushPromises()
    expect(setHidden.mock.calls.at(-1)).toEqual([phrase(1).id, false])
    expect(button(1).attributes('aria-pressed')).toBe('false')
  })

  it('shows what was, and why, when it did not work', async () => {
    const { say, button } = await mount()
    setHidden.mockRejectedValueOnce(unreachable())
    await button(2).trigger('click')
    await flushPromises()
    expect(button(2).attributes('aria-pressed')).toBe('true')
    expect(say.mock.calls.at(-1)?.[0]).toContain('It stays as it was: The site cannot be reached')
  })

  it('sends quick presses one after the other, and the last one stays', async () => {
    const { button } = await mount()
    let finish: () => void = () => undefined
    setHidden.mockReturnValueOnce(
      new Promise<void>((_resolve, reject) => {
        finish = () => reject(unreachable())
      }),
    )
    await button(1).trigger('click')
    await button(1).trigger('click')
    await button(1).trigger('click')
    await flushPromises()
    expect(setHidden).toHaveBeenCalledTimes(1)
    finish()
    await flushPromises()
    expect(setHidden.mock.calls.map(([, hidden]) => hidden as boolean)).toEqual([true, false, true])
    expect(button(1).attributes('aria-pressed')).toBe('true')
  })

  it('looks for words when the typing rests, and says when there are none', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { wrapper } = await mount()
    list.mockResolvedValue({ rows: [], total: 0, next_cursor: null })
    for (const typed of ['l', 'la', ' lantern ']) await wrapper.get('#phrase-search').setValue(typed)
    expect(list).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(300)
    await flushPromises()
    expect(list).toHaveBeenCalledTimes(2)
    expect(list).toHaveBeenLastCalledWith({ q: 'lantern', choice: 'all', cursor: null })
    expect(wrapper.text()).toContain('No phrase has such words in it.')
    await wrapper.get('#phrase-search').setValue('')
    await wrapper.get('#phrase-choice').setValue('hidden')
    vi.advanceTimersByTime(300)
    await flushPromises()
    expect(list).toHaveBeenLastCalledWith({ q: '', choice: 'hidden', cursor: null })
    expect(wrapper.text()).toContain('You have hidden none.')
  })

  it('goes on by pages, with the focus on the first that came', async () => {
    list.mockResolvedValueOnce({ rows: [phrase(1)], total: 2, next_cursor: 'next' })
    const { wrapper, button } = await mount()
    list.mockRejectedValueOnce(unreachable())
    await wrapper.get('.more button').trigger('click')
    await flushPromises()
    expect(wrapper.get('#more-failure').text()).toContain('cannot be reached')
    list.mockResolvedValueOnce({ rows: [phrase(2)], total: 2, next_cursor: null })
    await wrapper.get('.more button').trigger('click')
    await flushPromises()
    expect(list).toHaveBeenLastCalledWith({ q: '', choice: 'all', cursor: 'next' })
    expect(document.activeElement).toBe(button(2).element)
    expect(wrapper.findAll('li')).toHaveLength(2)
    expect(wrapper.find('.more').exists()).toBe(false)
  })

  it('does not mix a page that comes late into another list', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    list.mockResolvedValueOnce({ rows: [phrase(1)], total: 2, next_cursor: 'next' })
    const { wrapper } = await mount()
    let arrive: (page: unknown) => void = () => undefined
    list.mockReturnValueOnce(
      new Promise((resolve) => {
        arrive = resolve
      }),
    )
    await wrapper.get('.more button').trigger('click')
    list.mockResolvedValueOnce({ rows: [phrase(3)], total: 1, next_cursor: null })
    await wrapper.get('#phrase-search').setValue('three')
    vi.advanceTimersByTime(300)
    await flushPromises()
    arrive({ rows: [phrase(2)], total: 2, next_cursor: null })
    await flushPromises()
    expect(wrapper.findAll('li').map((row) => row.get('p').text())).toEqual(['Phrase number 3'])
  })

  it('can be tried again when the list did not come', async () => {
    list.mockRejectedValueOnce(unreachable())
    const { wrapper } = await mount()
    expect(wrapper.text()).toContain('The site cannot be reached')
    await wrapper.get('.trouble button').trigger('click')
    await flushPromises()
    expect(wrapper.findAll('li')).toHaveLength(2)
  })
})
