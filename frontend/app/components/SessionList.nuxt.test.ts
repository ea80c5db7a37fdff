import type { Session } from '@kennwilliamson/contracts/accounts'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../utils/api-error'
import SessionList from './SessionList.vue'

const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  current: false,
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  ip: '203.0.113.7',
  created_at: '2026-07-01T10:00:00Z',
  last_used_at: '2026-07-05T13:58:04Z',
  ...more,
})

async function mountWith(sessions: Session[], signOutOne = vi.fn(async () => undefined)) {
  const [signOutOthers, signOutEverywhere] = [vi.fn(async () => undefined), vi.fn(async () => undefined)]
  const props = { sessions, timeZone: 'Europe/London', signOutOne, signOutOthers, signOutEverywhere }
  const wrapper = await mountSuspended(SessionList, { props, attachTo: document.body })
  const press = async (label: string) => {
    const button = wrapper.findAll('button').find((one) => one.text().replace(/\s+/g, ' ').startsWith(label))
    if (!button) throw new Error(`there is no button ${label}`)
    await button.trigger('click')
    await flushPromises()
  }
  return { wrapper, press, ...props }
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('SessionList', () => {
  it("marks this device, names the others and says when they were used by the owner's clock", async () => {
    const { wrapper } = await mountWith([session('a', { current: true }), session('b', { user_agent: null, ip: null })])
    const [here, there] = wrapper.findAll('li')
    expect(here?.text()).toMatch(/^Firefox on Linux this device\s*203\.0\.113\.7/)
    expect(here?.find('button').exists()).toBe(false)
    expect(there?.text()).toContain('Unknown device')
    expect(there?.text()).toContain('last used 5 July 2026, 14:58')
  })

  it('offers nothing for others where there are none', async () => {
    const { wrapper } = await mountWith([session('a', { current: true })])
    expect(wrapper.findAll('button').map((button) => button.text())).toEqual(['Sign out everywhere'])
  })

  it('signs out one, and says so', async () => {
    const { wrapper, press, signOutOne } = await mountWith([session('a', { current: true }), session('b')])
    await press('Sign out Firefox')
    expect(signOutOne).toHaveBeenCalledWith('b')
    expect(wrapper.get('[role=status]').text()).toBe('Firefox on Linux is signed out')
  })

  it('says why it could not, and claims nothing', async () => {
    const fail = vi.fn(() => Promise.reject(new ApiError(503, 'OVERLOADED', 'The site is busy')))
    const { wrapper, press } = await mountWith([session('a', { current: true }), session('b')], fail)
    await press('Sign out Firefox')
    expect(wrapper.get('[role=alert]').text()).toBe('The site is busy.')
    expect(wrapper.get('[role=status]').text()).toBe('')
    expect(wrapper.findAll('li')).toHaveLength(2)
  })
})
