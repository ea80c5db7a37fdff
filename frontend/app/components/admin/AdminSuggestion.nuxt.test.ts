import type { DecisionRequest, WaitingSuggestion } from '@kennwilliamson/contracts/phrases'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unreachable } from '../../utils/api-error'
import AdminSuggestion from './AdminSuggestion.vue'

const SUGGESTION: WaitingSuggestion = {
  id: '0198a9a0-0000-7000-8000-000000000001',
  phrase_text: 'Two words',
  status: 'pending',
  admin_reason: null,
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-01T00:00:00Z',
  user_display_name: 'Ada',
  user_slug: 'ada',
}

async function mount() {
  const decide = vi.fn<(verb: 'approve' | 'reject', decision: DecisionRequest) => Promise<unknown>>().mockResolvedValue(undefined)
  const props = { suggestion: SUGGESTION, timeZone: 'UTC', decide }
  const wrapper = await mountSuspended(AdminSuggestion, { props, attachTo: document.body })
  const row = wrapper.get<HTMLElement>('li')
  const key = async (name: string, on = row, more = {}) => {
    await on.trigger('keydown', { key: name, ...more })
    await flushPromises()
  }
  const send = async () => {
    await wrapper.get('form').trigger('submit')
    await flushPromises()
  }
  return { wrapper, decide, row, key, send }
}
enableAutoUnmount(afterEach)

describe('AdminSuggestion', () => {
  it('is taken by A and Enter, as a steady one and without a reason', async () => {
    const { decide, key, send } = await mount()
    await key('a')
    expect(document.activeElement?.id).toBe(`decide-${SUGGESTION.id}`)
    expect(decide).not.toHaveBeenCalled()
    await send()
    expect(decide).toHaveBeenCalledExactlyOnceWith('approve', { admin_reason: null, mood: 'steady' })
  })

  it('is refused with the reason that was typed, in which letters are text', async () => {
    const { wrapper, decide, key, send } = await mount()
    await key('R')
    const field = wrapper.get<HTMLTextAreaElement>('textarea')
    expect(document.activeElement).toBe(field.element)
    await key('a', field as never)
    expect(wrapper.get('button[type=submit]').text()).toBe('Refuse it')
    await field.setValue('  Too sad. ')
    await send()
    expect(decide).toHaveBeenCalledExactlyOnceWith('reject', { admin_reason: 'Too sad.' })
  })

  it('is left by Escape, and leaves the keys of the browser alone', async () => {
    const { wrapper, row, key } = await mount()
    await key('a', row, { ctrlKey: true })
    expect(wrapper.find('form').exists()).toBe(false)
    await key('a')
    await key('Escape', wrapper.get('form') as never)
    expect(wrapper.find('form').exists()).toBe(false)
    expect(document.activeElement).toBe(row.element)
  })

  it('goes along by the arrows', async () => {
    const { wrapper, key } = await mount()
    for (const name of ['ArrowDown', 'ArrowUp', 'x']) await key(name)
    expect(wrapper.emitted('move')).toEqual([[1], [-1]])
  })

  it('keeps what was typed when it did not get through', async () => {
    const { wrapper, decide, key, send } = await mount()
    decide.mockRejectedValueOnce(unreachable())
    await key('r')
    await wrapper.get('textarea').setValue('Too sad')
    await send()
    expect(wrapper.get(`#failure-${SUGGESTION.id}`).text()).toContain('The site cannot be reached')
    expect(wrapper.get<HTMLTextAreaElement>('textarea').element.value).toBe('Too sad')
  })
})
