import type { SecurityEventList } from '@kennwilliamson/contracts/accounts'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../utils/api-error'
import SecurityEvents from './SecurityEvents.vue'

const page = (ids: string[], next_cursor: string | null): SecurityEventList => ({
  events: ids.map((id) => ({ id, action: 'signed_in', by: 'you', created_at: '2026-07-05T13:58:04Z' })),
  next_cursor,
})
const mountWith = (newest: SecurityEventList, listOlder: (cursor: string) => Promise<SecurityEventList>) =>
  mountSuspended(SecurityEvents, { props: { newest, timeZone: 'Europe/London', listOlder }, attachTo: document.body })

afterEach(() => {
  document.body.innerHTML = ''
})

describe('SecurityEvents', () => {
  it('teaches when there is nothing', async () => {
    const wrapper = await mountWith(page([], null), vi.fn())
    expect(wrapper.text()).toContain('Nothing yet')
    expect(wrapper.find('button').exists()).toBe(false)
  })

  it('reads on from the cursor, and gives the focus to the first that came', async () => {
    const listOlder = vi.fn(async () => page(['c', 'd'], null))
    const wrapper = await mountWith(page(['a', 'b'], 'next'), listOlder)
    await wrapper.get('button').trigger('click')
    await flushPromises()
    expect(listOlder).toHaveBeenCalledWith('next')
    expect(wrapper.findAll('li')).toHaveLength(4)
    expect(document.activeElement?.id).toBe('event-c')
    expect(wrapper.find('button').exists()).toBe(false)
  })

  it('keeps what is there when it cannot', async () => {
    const listOlder = vi.fn(() => Promise.reject(new ApiError(503, 'OVERLOADED', 'The site is busy')))
    const wrapper = await mountWith(page(['a'], 'next'), listOlder)
    await wrapper.get('button').trigger('click')
    await flushPromises()
    expect(wrapper.get('[role=alert]').text()).toBe('The site is busy.')
    expect(wrapper.findAll('li')).toHaveLength(1)
    expect(wrapper.get('button').text()).toBe('Show more')
  })

  it('drops an older page that comes after the list began anew', async () => {
    let finish: (list: SecurityEventList) => void = () => undefined
    const listOlder = () => new Promise<SecurityEventList>((resolve) => (finish = resolve))
    const wrapper = await mountWith(page(['a'], 'next'), listOlder)
    await wrapper.get('button').trigger('click')
    await flushPromises()
    await wrapper.setProps({ newest: page(['z', 'a'], 'other') })
    finish(page(['b'], null))
    await flushPromises()
    expect(wrapper.findAll('li').map((row) => row.attributes('id'))).toEqual(['event-z', 'event-a'])
    expect(wrapper.find('button').exists()).toBe(true)
  })
})
