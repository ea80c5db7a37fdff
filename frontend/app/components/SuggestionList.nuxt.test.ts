import type { Suggestion } from '@kennwilliamson/contracts/phrases'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../composables/useToast'
import { ApiError } from '../utils/api-error'
import SuggestionList from './SuggestionList.vue'

const { listSuggestions, withdraw, suggest } = vi.hoisted(() => ({
  listSuggestions: vi.fn(),
  withdraw: vi.fn(),
  suggest: vi.fn(),
}))
mockNuxtImport('usePhrases', () => () => ({ listSuggestions, withdraw, suggest }))

const suggestion = (n: number, more: Partial<Suggestion> = {}): Suggestion => ({
  id: `0198a9a0-0000-7000-8000-00000000000${n}`,
  phrase_text: `Suggestion number ${n}`,
  status: 'pending',
  admin_reason: null,
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-03T00:00:00Z',
  ...more,
})
const ALL = [
  suggestion(4),
  suggestion(3, { status: 'approved', admin_reason: 'Fits well' }),
  suggestion(2),
  suggestion(1, { status: 'rejected' }),
]

async function mount() {
  const say = vi.fn<Say>()
  const props = { say, timeZone: 'UTC', fresh: new Set([suggestion(3).id]) }
  const wrapper = await mountSuspended(SuggestionList, { props, attachTo: document.body })
  await flushPromises()
  const press = async (n: number) => {
    await wrapper.get(`#withdraw-${suggestion(n).id}`).trigger('click')
    await flushPromises()
  }
  return { wrapper, say, press }
}

beforeEach(() => {
  listSuggestions.mockReset().mockResolvedValue({ rows: ALL, total: 4, next_cursor: null })
  withdraw.mockReset().mockResolvedValue(undefined)
  suggest.mockReset().mockResolvedValue(suggestion(5))
})
enableAutoUnmount(afterEach)
afterEach(() => {
  clearNuxtData()
  document.body.innerHTML = ''
})

describe('SuggestionList', () => {
  it('says what became of each, why, and which are news', async () => {
    const { wrapper } = await mount()
    const rows = wrapper.findAll('li').map((row) => row.text().replaceAll(/\s+/g, ' '))
    expect(rows[0]).toMatch(/Waits\s?1 May 2026 Withdraw/)
    expect(rows[1]).toMatch(/Taken\s?new\s?3 May 2026\s?Fits well/)
    expect(rows[3]).toMatch(/Not taken\s?3 May 2026$/)
  })

  it('teaches where there are none', async () => {
    listSuggestions.mockResolvedValueOnce({ rows: [], total: 0, next_cursor: null })
    const { wrapper } = await mount()
    expect(wrapper.get('a.cta').attributes('href')).toBe('/incidents?tab=suggest')
  })

  it('withdraws at once, with the focus on the next that waits, and on the heading after the last', async () => {
    const { wrapper, say, press } = await mount()
    await press(4)
    expect(withdraw).toHaveBeenCalledExactlyOnceWith(suggestion(4).id)
    expect(wrapper.findAll('li')).toHaveLength(3)
    expect(document.activeElement?.id).toBe(`withdraw-${suggestion(2).id}`)
    expect(say).toHaveBeenCalledExactlyOnceWith('Withdrawn', expect.any(Function))
    await press(2)
    expect(document.activeElement?.textContent).toBe('My suggestions')
  })

  it('brings it back as often as that is tried, once', async () => {
    const { say, press } = await mount()
    await press(4)
    const back = say.mock.calls[0]?.[1]
    suggest.mockRejectedValueOnce(new ApiError(503, 'OVERLOADED', 'Busy'))
    await expect(back?.()).rejects.toThrow('Busy')
    expect(await back?.()).toBe(`withdraw-${suggestion(5).id}`)
    const [first, second] = suggest.mock.calls as [string, string][]
    expect([first?.[0], first]).toEqual(['Suggestion number 4', second])
  })

  it('shows what became of it, when it was decided in the same moment', async () => {
    const { wrapper, say, press } = await mount()
    withdraw.mockRejectedValueOnce(new ApiError(409, 'ALREADY_DECIDED', 'This suggestion has been decided already'))
    listSuggestions.mockResolvedValueOnce({ rows: [suggestion(4, { status: 'approved' })], total: 1, next_cursor: null })
    await press(4)
    expect(say).toHaveBeenLastCalledWith('This suggestion has been decided already.')
    expect(wrapper.get('li').text()).toContain('Taken')
  })
})
