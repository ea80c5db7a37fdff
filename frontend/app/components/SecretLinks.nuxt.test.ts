import type { NewSecretLink, SecretLink } from '@kennwilliamson/contracts/links'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, unreachable } from '../utils/api-error'
import SecretLinks from './SecretLinks.vue'

const NOW = Date.parse('2026-06-01T12:00:00Z')
const LINK: SecretLink = {
  id: '0198a9a0-0000-7000-8000-000000000001',
  share_level: 'stats',
  expires_at: null,
  last_used_at: null,
  created_at: '2026-05-01T00:00:00Z',
}
const MADE: NewSecretLink = {
  ...LINK,
  id: '0198a9a0-0000-7000-8000-000000000002',
  share_level: 'notes',
  expires_at: '2026-06-08T12:00:00Z',
  url: 'https://kenn.example/s/abcdefghijklmnopqrstuvwxyz012345',
}

async function mountWith(links: SecretLink[]) {
  const sharing = {
    listLinks: vi.fn(async () => ({ kind: 'loaded' as const, value: links })),
    createLink: vi.fn(async () => MADE),
    revokeLink: vi.fn(async () => undefined),
  }
  const wrapper = await mountSuspended(SecretLinks, {
    props: { timeZone: 'UTC', now: () => NOW, sharing },
    attachTo: document.body,
  })
  await flushPromises()
  const press = async (label: string) => {
    const button = wrapper.findAll('button').find((one) => one.text() === label)
    if (!button) throw new Error(`no button ${label}`)
    await button.trigger('click')
    await flushPromises()
  }
  return { wrapper, sharing, press }
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('SecretLinks', () => {
  it('says that there are none, and what each is good for where there are', async () => {
    expect((await mountWith([])).wrapper.text()).toContain('There are none yet.')
    const over = { ...MADE, expires_at: '2026-05-31T00:00:00Z', last_used_at: '2026-05-30T10:00:00Z' }
    const { wrapper } = await mountWith([over, LINK])
    const [first, second] = wrapper.findAll('li').map((item) => item.text())
    expect(first).toMatch(/last note.*ended 31 May 2026.*last used 30 May 2026/s)
    expect(second).toMatch(/statistics.*until you revoke it.*never used/s)
  })

  it('makes one that ends when it shall, shows its address once, and keeps it in the list without', async () => {
    const { wrapper, sharing } = await mountWith([LINK])
    await wrapper.get('#link_level').setValue('notes')
    await wrapper.get('#link_span').setValue('week')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('fresh_link'))
    expect(sharing.createLink).toHaveBeenCalledExactlyOnceWith({
      share_level: 'notes',
      expires_at: '2026-06-08T12:00:00.000Z',
    })
    expect(wrapper.get<HTMLInputElement>('#fresh_link').element.value).toBe(MADE.url)
    expect(wrapper.get('[role=img]').attributes('aria-label')).toContain('QR code')
    expect(wrapper.findAll('li')).toHaveLength(2)
    expect(wrapper.get('ul').html()).not.toContain(MADE.url)
  })

  it('says when none can be made, and loses nothing', async () => {
    const { wrapper, sharing } = await mountWith([LINK])
    sharing.createLink.mockRejectedValueOnce(new ApiError(409, 'TOO_MANY_LINKS', 'A timer can have 20 links'))
    await wrapper.get('#link_level').setValue('history')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('#link-failure').text()).toBe('A timer can have 20 links.'))
    expect(wrapper.get<HTMLSelectElement>('#link_level').element.value).toBe('history')
    expect(wrapper.find('#fresh_link').exists()).toBe(false)
    expect(wrapper.findAll('li')).toHaveLength(1)
  })

  it('revokes only after a second press, since there is no way back', async () => {
    const { wrapper, sharing, press } = await mountWith([LINK])
    await press('Revoke…')
    expect(document.activeElement?.textContent.trim()).toBe('Keep it')
    await press('Keep it')
    expect(document.activeElement?.textContent.trim()).toBe('Revoke…')
    expect(sharing.revokeLink).not.toHaveBeenCalled()
    await press('Revoke…')
    await press('Revoke for good')
    expect(sharing.revokeLink).toHaveBeenCalledExactlyOnceWith(LINK.id)
    expect(wrapper.findAll('li')).toHaveLength(0)
    expect(wrapper.text()).toContain('Revoked')
  })

  it('shows it again, and says that it still works, when revoking failed', async () => {
    const { wrapper, sharing, press } = await mountWith([LINK])
    sharing.revokeLink.mockRejectedValueOnce(unreachable())
    await press('Revoke…')
    await press('Revoke for good')
    expect(wrapper.findAll('li')).toHaveLength(1)
    expect(wrapper.text()).toContain('It still works: The site cannot be reached')
  })

  it('can be tried again when the list did not come', async () => {
    const { wrapper, sharing, press } = await mountWith([LINK])
    sharing.listLinks.mockResolvedValueOnce({ kind: 'away', message: 'Away.' } as never)
    const again = await mountSuspended(SecretLinks, { props: { timeZone: 'UTC', now: () => NOW, sharing } })
    await flushPromises()
    expect(again.text()).toContain('Away.')
    await again.get('.trouble button').trigger('click')
    await flushPromises()
    expect(again.findAll('li')).toHaveLength(1)
    expect(wrapper.findAll('li')).toHaveLength(1)
    await press('Revoke…')
  })
})
