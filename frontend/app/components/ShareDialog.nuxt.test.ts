import type { ShareLevel } from '@kennwilliamson/contracts/share-levels'
import type { SharedView } from '@kennwilliamson/contracts/sharing'
import type { Timer, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unreachable } from '../utils/api-error'
import ShareDialog from './ShareDialog.vue'

const NOW = '2026-06-01T12:00:00Z'
const timerAt = (share_level: ShareLevel): Timer => ({
  id: '0198a9a0-0000-7000-8000-000000000001',
  slug: 'incident-timer',
  is_default: true,
  title: 'Days "dry" <3',
  started_at: '2026-01-01T00:00:00Z',
  share_level,
  is_listed: false,
  position: 0,
  archived_at: null,
  created_at: NOW,
  updated_at: NOW,
  current: { incident_id: null, since: '2026-01-01T00:00:00Z' },
})
const viewAtLevel = (share_level: SharedView['share_level']): SharedView => ({
  title: 'Days "dry" <3',
  user_display_name: 'Ada',
  since: '2026-01-01T00:00:00Z',
  before_first: true,
  time_zone: 'UTC',
  phrase: null,
  share_level,
  is_listed: false,
  revision: 1,
  server_time: NOW,
  ...(share_level === 'history' ? { incidents: [], next_cursor: 'more' } : {}),
})

async function mountWith(timer: Timer) {
  const change = vi.fn(async (wish: UpdateTimerRequest): Promise<unknown> => {
    await wrapper.setProps({ timer: { ...timer, share_level: wish.share_level ?? timer.share_level } })
    return undefined
  })
  const sharing = {
    viewAt: vi.fn(async (level: SharedView['share_level']) => ({ kind: 'loaded' as const, value: viewAtLevel(level) })),
    listLinks: vi.fn(async () => ({ kind: 'loaded' as const, value: [] })),
    createLink: vi.fn(),
    revokeLink: vi.fn(),
  }
  const wrapper = await mountSuspended(ShareDialog, {
    props: {
      timer,
      url: 'https://kenn.example/ada/incident-timer',
      timeZone: 'UTC',
      now: () => Date.parse(NOW),
      change,
      sharing,
    },
    attachTo: document.body,
  })
  await flushPromises()
  const choose = async (level: ShareLevel) => {
    await wrapper.get(`button[value=${level}]`).trigger('click')
    await flushPromises()
  }
  const chosen = () =>
    wrapper
      .findAll('[aria-pressed=true]')
      .map((button) => button.attributes('value'))
      .join()
  return { wrapper, change, sharing, choose, chosen }
}

afterEach(() => {
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('ShareDialog', () => {
  it('opens at the level that is set, and tells when it is closed', async () => {
    const { wrapper, chosen } = await mountWith(timerAt('stats'))
    expect(wrapper.get('dialog').attributes()).toHaveProperty('open')
    expect(chosen()).toBe('stats')
    await wrapper.get('header button').trigger('click')
    expect(wrapper.emitted('close')).toHaveLength(1)
  })

  it('changes the level with one press, and what can be shared with it', async () => {
    const { wrapper, change, choose } = await mountWith(timerAt('private'))
    expect(wrapper.find('#share_address').exists()).toBe(false)
    await choose('notes')
    expect(change).toHaveBeenCalledExactlyOnceWith({ share_level: 'notes' })
    expect(wrapper.get<HTMLInputElement>('#share_address').element.value).toBe('https://kenn.example/ada/incident-timer')
    await choose('private')
    expect(wrapper.text()).toContain('Closed: nobody else sees it now')
    expect(wrapper.find('#share_address').exists()).toBe(false)
  })

  it('says that it is closed only once it is, and follows a change from elsewhere', async () => {
    const { wrapper, change, chosen } = await mountWith(timerAt('history'))
    let answer: (() => void) | undefined
    change.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(undefined))))
    await wrapper.get('button[value=private]').trigger('click')
    await flushPromises()
    expect(chosen()).toBe('private')
    await vi.waitFor(() => expect(wrapper.text()).toContain('Saving…'))
    expect(wrapper.text()).not.toContain('Closed')
    answer?.()
    await flushPromises()
    expect(wrapper.text()).toContain('Closed')
    await wrapper.setProps({ timer: timerAt('stats') })
    expect(chosen()).toBe('stats')
  })

  it('goes back, with the reason, when it could not be changed', async () => {
    const { wrapper, change, choose, chosen } = await mountWith(timerAt('count'))
    change.mockRejectedValueOnce(unreachable())
    await choose('private')
    expect(chosen()).toBe('count')
    expect(wrapper.get('#share-failure').text()).toContain('It stays as it was: The site cannot be reached')
  })

  it('sends quick choices one after the other, and of those that wait the last', async () => {
    const { wrapper, change } = await mountWith(timerAt('private'))
    let answer: (() => void) | undefined
    change.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(undefined))))
    for (const level of ['count', 'stats', 'history']) await wrapper.get(`button[value=${level}]`).trigger('click')
    expect(change).toHaveBeenCalledTimes(1)
    answer?.()
    await flushPromises()
    expect(change.mock.calls).toEqual([[{ share_level: 'count' }], [{ share_level: 'history' }]])
  })

  it('copies, and where the browser forbids it marks the text', async () => {
    const { wrapper } = await mountWith(timerAt('count'))
    const writeText = vi.fn(async () => undefined)
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
    const button = wrapper.get('[aria-label="Copy: For HTML"]')
    await button.trigger('click')
    await flushPromises()
    expect(writeText).toHaveBeenCalledWith(expect.stringContaining('alt="Days &quot;dry&quot; &lt;3"'))
    expect(wrapper.text()).toContain('Copied')
    writeText.mockRejectedValueOnce(new Error('not allowed'))
    await wrapper.get('[aria-label="Copy: The address of its page"]').trigger('click')
    await flushPromises()
    expect(document.activeElement?.id).toBe('share_address')
    expect(wrapper.text()).toContain('did not allow it')
  })

  it('shows what visitors see, at the level of now and at others', async () => {
    const { wrapper, sharing } = await mountWith(timerAt('count'))
    await wrapper.get('.see').trigger('click')
    await flushPromises()
    expect(sharing.viewAt).toHaveBeenCalledExactlyOnceWith('count')
    expect(wrapper.get('.plaque').text()).toContain('kept by Ada')
    expect(wrapper.findAll('button').map((button) => button.text())).not.toContain('Wall mode')
    expect(wrapper.text()).toContain('So it looks now')
    await wrapper.get('#visitor_level').setValue('history')
    await flushPromises()
    expect(wrapper.get('.history').text()).toContain('None so far.')
    expect(wrapper.text()).toContain('they see something else')
    expect(wrapper.find('.more').exists()).toBe(false)
  })

  it('of a private timer says that the address does not exist', async () => {
    const { wrapper, sharing } = await mountWith(timerAt('private'))
    await wrapper.get('.see').trigger('click')
    await flushPromises()
    expect(sharing.viewAt).toHaveBeenCalledExactlyOnceWith('count')
    expect(wrapper.text()).toContain('the address does not exist')
  })

  it('says of an archived timer that nothing of this is seen', async () => {
    const { wrapper } = await mountWith({ ...timerAt('count'), archived_at: NOW })
    expect(wrapper.get('.notice').text()).toContain('archived')
  })
})
