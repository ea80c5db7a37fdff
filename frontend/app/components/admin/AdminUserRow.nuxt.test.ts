import type { AdminUser } from '@kennwilliamson/contracts/admin'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../../composables/useToast'
import { ApiError } from '../../utils/api-error'
import AdminUserRow from './AdminUserRow.vue'

const { actOn, makeResetLink } = vi.hoisted(() => ({ actOn: vi.fn(), makeResetLink: vi.fn() }))
mockNuxtImport('useAdministration', () => () => ({ actOn, makeResetLink }))

const USER: AdminUser = {
  id: '0198a9a0-0000-7000-8000-000000000001',
  email: 'ada@example.org',
  display_name: 'Ada',
  slug: 'ada',
  roles: ['user'],
  created_at: '2026-05-01T00:00:00Z',
  active: true,
  last_seen_at: null,
}

async function mount(user: Partial<AdminUser> = {}, isSelf = false) {
  const say = vi.fn<Say>()
  const props = { user: { ...USER, ...user }, isSelf, timeZone: 'UTC', say }
  const wrapper = await mountSuspended(AdminUserRow, { props, attachTo: document.body })
  await wrapper.get('.who').trigger('click')
  const labels = () => wrapper.findAll('.actions .ghost').map((one) => one.text())
  const press = async (label: string) => {
    const button = wrapper.findAll('button').find((one) => one.text() === label)
    if (!button) throw new Error(`there is no button ${label} among ${labels().join(', ')}`)
    await button.trigger('click')
    await flushPromises()
  }
  const changes = () => (wrapper.emitted<[AdminUser]>('changed') ?? []).map(([changed]) => changed)
  return { wrapper, say, labels, press, changes }
}

beforeEach(() => {
  actOn.mockReset().mockResolvedValue(undefined)
  makeResetLink.mockReset()
})
enableAutoUnmount(afterEach)

describe('AdminUserRow', () => {
  it('offers what can be done to each kind of account', async () => {
    const others = ['Sign out everywhere…', 'What happened']
    expect((await mount()).labels()).toEqual([
      'Deactivate',
      'Make administrator',
      'Sign out everywhere…',
      'Link to a new password',
      'What happened',
    ])
    expect((await mount({ active: false })).labels()).toEqual(['Activate', ...others])
    expect((await mount({ roles: ['user', 'admin'] })).labels()).toEqual(['Deactivate', 'Take the role away', ...others])
  })

  it('does what can be undone at the first press, and gives the way back', async () => {
    const { press, say, changes } = await mount()
    await press('Deactivate')
    expect(actOn).toHaveBeenCalledExactlyOnceWith(USER.id, 'deactivate')
    expect(changes()).toMatchObject([{ active: false }])
    expect(await say.mock.calls[0]?.[1]?.()).toBe(`row-${USER.id}`)
    expect(actOn).toHaveBeenLastCalledWith(USER.id, 'activate')
    expect(changes().at(-1)).toMatchObject({ active: true })
    await press('Make administrator')
    expect(changes().at(-1)).toMatchObject({ roles: ['user', 'admin'] })
  })

  it('asks twice for what cannot be undone', async () => {
    const { press, say } = await mount()
    await press('Sign out everywhere…')
    expect(document.activeElement?.textContent).toContain('Leave it')
    await press('Leave it')
    expect(document.activeElement?.textContent).toContain('Sign out everywhere…')
    expect(actOn).not.toHaveBeenCalled()
    await press('Sign out everywhere…')
    await press('Sign out everywhere')
    expect(actOn).toHaveBeenCalledExactlyOnceWith(USER.id, 'sign-out')
    expect(say).toHaveBeenCalledExactlyOnceWith('Ada is signed out everywhere', null)
  })

  it('asks twice before one does something to oneself that others would have to undo', async () => {
    const { press } = await mount({ roles: ['user', 'admin'] }, true)
    await press('Take the role away')
    await press('Leave it')
    await press('Deactivate')
    expect(actOn).not.toHaveBeenCalled()
  })

  it('says why something did not work, and changes nothing', async () => {
    actOn.mockRejectedValueOnce(new ApiError(409, 'LAST_ADMIN', 'The last active administrator must stay one'))
    const { wrapper, press, say, changes } = await mount({ roles: ['user', 'admin'] })
    await press('Take the role away')
    expect(wrapper.get(`#failure-${USER.id}`).text()).toBe('The last active administrator must stay one.')
    expect([changes(), say.mock.calls]).toEqual([[], []])
  })

  it('shows a link once, to be copied, with its end', async () => {
    makeResetLink.mockResolvedValueOnce({ url: 'https://kenn.example/reset#abc', expires_at: '2026-06-01T12:00:00Z' })
    const { wrapper, press } = await mount()
    await press('Link to a new password')
    expect(document.activeElement?.id).toBe(`link-${USER.id}`)
    expect(wrapper.get('.link').text()).toContain('1 June 2026, 12:00')
  })
})
