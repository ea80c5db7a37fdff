import type { WaitingSuggestion } from '@kennwilliamson/contracts/phrases'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../../composables/useToast'
import { ApiError, unreachable } from '../../utils/api-error'
import Suggestions from './suggestions.vue'

const { listSuggestions, decide } = vi.hoisted(() => ({ listSuggestions: vi.fn(), decide: vi.fn() }))
mockNuxtImport('useAdministration', () => () => ({ listSuggestions, decide }))

const suggestion = (n: number): WaitingSuggestion => ({
  id: `0198a9a0-0000-7000-8000-00000000000${n}`,
  phrase_text: `Suggestion ${n}`,
  status: 'pending',
  admin_reason: null,
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-01T00:00:00Z',
  user_display_name: 'Ada',
  user_slug: 'ada',
})
const page = (ids: number[], next_cursor: string | null = null) => ({ rows: ids.map(suggestion), total: ids.length, next_cursor })

async function mount() {
  const say = vi.fn<Say>()
  const wrapper = await mountSuspended(Suggestions, { props: { say, timeZone: 'UTC' }, attachTo: document.body })
  await flushPromises()
  const take = async (n: number) => {
    await wrapper.get(`#row-${suggestion(n).id}`).trigger('keydown', { key: 'a' })
    await wrapper.get('form').trigger('submit')
    await flushPromises()
  }
  const shown = () => wrapper.findAll('.words').map((one) => one.text())
  return { wrapper, say, take, shown }
}

beforeEach(() => {
  listSuggestions.mockReset().mockResolvedValue(page([1, 2, 3]))
  decide.mockReset().mockResolvedValue({})
})
enableAutoUnmount(afterEach)
afterEach(() => clearNuxtData())

describe('the queue', () => {
  it('goes on with the next, after the last with the one before, and after all with the heading', async () => {
    const { wrapper, take, shown } = await mount()
    expect(wrapper.text()).toContain('3 wait')
    await take(2)
    expect([shown(), document.activeElement?.id]).toEqual([['Suggestion 1', 'Suggestion 3'], `row-${suggestion(3).id}`])
    await take(3)
    expect([document.activeElement?.id, wrapper.text()]).toEqual([
      `row-${suggestion(1).id}`,
      expect.stringContaining('One waits') as string,
    ])
    await take(1)
    expect([document.activeElement?.tagName, wrapper.text()]).toEqual(['H1', expect.stringContaining('Nothing waits') as string])
  })

  it('has the next page when all that are shown are decided', async () => {
    listSuggestions.mockResolvedValueOnce(page([1], 'next'))
    const { take, shown } = await mount()
    listSuggestions.mockResolvedValueOnce(page([4, 5]))
    await take(1)
    expect(shown()).toEqual(['Suggestion 4', 'Suggestion 5'])
  })

  it.each([
    ['ALREADY_DECIDED', 'This one is decided already'],
    ['SUGGESTION_NOT_FOUND', 'It was withdrawn meanwhile'],
  ] as const)('lets go what is over (%s), and says so', async (code, words) => {
    const { say, take, shown } = await mount()
    decide.mockRejectedValueOnce(new ApiError(409, code, 'Over'))
    await take(1)
    expect([shown(), say.mock.calls]).toEqual([['Suggestion 2', 'Suggestion 3'], [[words]]])
  })

  it('keeps what could not be decided', async () => {
    const { wrapper, say, take, shown } = await mount()
    decide.mockRejectedValueOnce(unreachable())
    await take(1)
    expect([shown().length, say.mock.calls, wrapper.get('form').text()]).toEqual([
      3,
      [],
      expect.stringContaining('cannot be reached') as string,
    ])
  })
})
