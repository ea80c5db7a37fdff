import type { Timer, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { unreachable } from '../utils/api-error'
import VisibilityRow from './VisibilityRow.vue'

const TIMER: Timer = {
  id: '0198a9a0-0000-7000-8000-000000000001',
  slug: 'incident-timer',
  is_default: true,
  title: 'Days dry',
  started_at: '2026-01-01T00:00:00Z',
  share_level: 'count',
  is_listed: false,
  position: 0,
  archived_at: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  current: { incident_id: null, since: '2026-01-01T00:00:00Z' },
}

async function mountWith(more: Partial<Timer> = {}) {
  const timer = { ...TIMER, ...more }
  const change = vi.fn(async (_id: string, wish: UpdateTimerRequest): Promise<unknown> =>
    wrapper.setProps({ timer: { ...timer, share_level: wish.share_level ?? timer.share_level } }),
  )
  const wrapper = await mountSuspended(VisibilityRow, { props: { timer, path: '/ada/incident-timer', change } })
  const select = wrapper.get<HTMLSelectElement>('select')
  const choose = async (level: string) => {
    await select.setValue(level)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
  }
  return { wrapper, change, select, choose }
}

describe('VisibilityRow', () => {
  it('shows and changes who sees a timer, and leads to its page only where there is one', async () => {
    const { wrapper, change, choose } = await mountWith()
    expect(wrapper.get('a[href="/ada/incident-timer"]').text()).toBe('Its page')
    expect(wrapper.text()).toContain('for whoever has the address')
    await choose('private')
    expect(change).toHaveBeenCalledExactlyOnceWith(TIMER.id, { share_level: 'private' })
    expect(wrapper.find('a[href="/ada/incident-timer"]').exists()).toBe(false)
    expect(wrapper.text()).toContain('Closed: nobody else sees it now')
  })

  it('publishes nothing that is passed over on the way to a choice', async () => {
    const { wrapper, change, select } = await mountWith()
    expect(wrapper.find('button').exists()).toBe(false)
    for (const level of ['stats', 'notes', 'history']) await select.setValue(level)
    expect(change).not.toHaveBeenCalled()
    expect(wrapper.get('button').text()).toBe('Change what visitors of Days dry see')
    await select.setValue('count')
    expect(wrapper.find('button').exists()).toBe(false)
  })

  it('says why it could not be changed, and keeps what was picked', async () => {
    const { wrapper, change, select, choose } = await mountWith()
    change.mockRejectedValueOnce(unreachable())
    await choose('history')
    expect(wrapper.get('[id$=-failure]').text()).toContain('It stays as it was')
    expect(select.element.value).toBe('history')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('Visitors see this now, and no more')
  })

  it.each([
    ['archived', { archived_at: '2026-02-01T00:00:00Z' }, 'Archived: nobody else sees it'],
    ['listed', { is_listed: true }, 'search engines may list it'],
  ])('says of one that is %s what that means', async (_what, more, words) => {
    expect((await mountWith(more)).wrapper.text()).toContain(words)
  })
})
