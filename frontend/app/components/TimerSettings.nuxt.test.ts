import type { Timer } from '@kennwilliamson/contracts/timers'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../utils/api-error'
import TimerSettings from './TimerSettings.vue'

const TIMER: Timer = {
  id: '0198a9a0-0000-7000-8000-000000000001',
  slug: 'coffee',
  is_default: false,
  title: 'Coffee',
  started_at: '2026-01-01T00:00:00Z',
  share_level: 'private',
  is_listed: false,
  position: 1,
  archived_at: null,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  current: { incident_id: null, since: '2026-01-01T00:00:00Z' },
}

async function mountWith(timer: Timer = TIMER, count = 3) {
  const change = vi.fn(async (): Promise<unknown> => undefined)
  const wrapper = await mountSuspended(TimerSettings, {
    props: { timer, count, change, remove: vi.fn() },
    attachTo: document.body,
  })
  const press = async (label: string) => {
    await wrapper
      .findAll('button')
      .find((one) => one.text() === label)
      ?.trigger('click')
    await vi.waitFor(() => expect(wrapper.get('button[type=submit]').attributes('aria-disabled')).toBeUndefined(), 5000)
    await flushPromises()
  }
  return { wrapper, change, press }
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('TimerSettings', () => {
  it('saves title and level together, and says what the level means before', async () => {
    const { wrapper, change } = await mountWith()
    await wrapper.get('#timer_title').setValue('Tea')
    await wrapper.get('#timer_share').setValue('notes')
    expect(wrapper.get('#timer_share-hint').text()).toContain('your last note')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('.saved').text()).toBe('Saved'), 5000)
    expect(change).toHaveBeenCalledExactlyOnceWith({ title: 'Tea', share_level: 'notes' })
  })

  it('refuses a title of nothing beside the field, and keeps what was typed when the API refuses', async () => {
    const { wrapper, change } = await mountWith()
    await wrapper.get('#timer_title').setValue('  ')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('#timer_title-error').text()).toBe('The title must not be empty.'), 5000)
    expect(change).not.toHaveBeenCalled()
    change.mockRejectedValueOnce(new ApiError(404, 'TIMER_NOT_FOUND', 'Timer not found'))
    await wrapper.get('#timer_title').setValue('Tea')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('#timer-failure').text()).toBe('Timer not found.'), 5000)
    expect(wrapper.get<HTMLInputElement>('#timer_title').element.value).toBe('Tea')
  })

  it('moves among the others, and not beyond the ends', async () => {
    const { change, press, wrapper } = await mountWith()
    await press('Move up')
    await press('Move down')
    expect(change.mock.calls).toEqual([[{ position: 0 }], [{ position: 2 }]])
    await wrapper.setProps({ timer: { ...TIMER, position: 2 } })
    await press('Move down')
    expect(change).toHaveBeenCalledTimes(2)
  })

  it('archives and takes back; the first timer cannot be deleted', async () => {
    const { change, press } = await mountWith()
    await press('Archive')
    expect(change).toHaveBeenCalledExactlyOnceWith({ archived: true })
    const archived = await mountWith({ ...TIMER, is_default: true, archived_at: TIMER.created_at })
    await archived.press('Take out of the archive')
    expect(archived.change).toHaveBeenCalledExactlyOnceWith({ archived: false })
    expect(archived.wrapper.find('#delete-timer').exists()).toBe(false)
    expect(archived.wrapper.text()).toContain('not deleted')
  })

  it('follows a change from elsewhere, except where something was typed', async () => {
    const { wrapper } = await mountWith()
    await wrapper.get('#timer_title').setValue('Mine')
    await wrapper.setProps({ timer: { ...TIMER, title: 'Theirs', share_level: 'stats' } })
    expect(wrapper.get<HTMLInputElement>('#timer_title').element.value).toBe('Mine')
    expect(wrapper.get<HTMLSelectElement>('#timer_share').element.value).toBe('stats')
  })
})
