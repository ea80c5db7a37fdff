import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from '../composables/useApi'
import { ApiError } from '../utils/api-error'
import AddressForm from './AddressForm.vue'

const post = vi.fn()
mockNuxtImport('useApi', () => () => ({ post }) as unknown as Api)

const profile = {
  id: '0190b5f0-0000-7000-8000-000000000001',
  email: 'ada@example.org',
  display_name: 'Ada',
  slug: 'ada',
  roles: ['user' as const],
  created_at: '2026-07-05T13:58:04Z',
  time_zone: 'Europe/London',
  former_slugs: [{ slug: 'countess', expires_at: '2026-10-03T13:58:04Z' }],
}

async function mountWith(save = vi.fn(async () => undefined)) {
  const wrapper = await mountSuspended(AddressForm, {
    props: { profile, origin: 'https://site.example', save },
    attachTo: document.body,
  })
  const submit = async () => {
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('button[type=submit]').attributes('aria-disabled')).toBeUndefined(), 5000)
  }
  return { wrapper, submit, save }
}

beforeEach(() => {
  post.mockReset()
  // Every address but Ada's and Tom's is free; the API does not know who asks.
  post.mockImplementation(async (_path: string, { display_name }: { display_name: string }) => {
    const available = !['ada', 'countess', 'tom'].includes(display_name)
    return { slug: display_name, available, final_slug: available ? display_name : `${display_name}-2` }
  })
})
afterEach(() => {
  document.body.innerHTML = ''
})

describe('AddressForm', () => {
  it('shows the address that is, then the one that would be, without a number behind it', async () => {
    const { wrapper } = await mountWith()
    expect(wrapper.get('.address').text()).toMatch(/^Your page is at\s*site\.example\/ada\/incident-timer$/)
    await wrapper.get('#slug').setValue('lovelace')
    await vi.waitFor(() =>
      expect(wrapper.get('.address').text()).toMatch(/^Your page will be at\s*site\.example\/lovelace\/incident-timer$/),
    )
    expect(wrapper.find('#slug-error').exists()).toBe(false)
  })

  it('says beside the field when somebody else has it', async () => {
    const { wrapper } = await mountWith()
    await wrapper.get('#slug').setValue('tom')
    await vi.waitFor(() => expect(wrapper.get('#slug-error').text()).toBe('Somebody else has this address.'))
  })

  it('calls neither one’s own nor one’s former address taken', async () => {
    const { wrapper } = await mountWith()
    for (const own of ['countess', 'ada']) {
      await wrapper.get('#slug').setValue(own)
      await vi.waitFor(() =>
        expect(post).toHaveBeenLastCalledWith('/auth/preview-slug', { display_name: own }, expect.anything()),
      )
      await vi.waitFor(() => expect(wrapper.get('b').text()).toBe(own))
      expect(wrapper.find('#slug-error').exists()).toBe(false)
    }
  })

  it('keeps what was typed, and says beside the field why it could not be had', async () => {
    const save = vi.fn(() => Promise.reject(new ApiError(409, 'TOO_MANY_ADDRESSES', 'Five former addresses still lead to you')))
    const { wrapper, submit } = await mountWith(save)
    await wrapper.get('#slug').setValue('lovelace')
    await submit()
    await vi.waitFor(() => expect(wrapper.get('#slug-error').text()).toBe('Five former addresses still lead to you.'))
    expect(wrapper.get<HTMLInputElement>('#slug').element.value).toBe('lovelace')
  })

  it('lists former addresses with the day until when they lead here', async () => {
    const { wrapper } = await mountWith()
    expect(wrapper.get('li').text()).toMatch(/^\/countess\s*leads here until 3 October 2026$/)
  })
})
