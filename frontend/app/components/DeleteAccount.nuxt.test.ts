import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../utils/api-error'
import DeleteAccount from './DeleteAccount.vue'

async function mountWith(remove: (password: string) => Promise<unknown>) {
  const wrapper = await mountSuspended(DeleteAccount, { props: { email: 'ada@example.org', remove }, attachTo: document.body })
  const submit = async () => {
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('button[type=submit]').attributes('aria-disabled')).toBeUndefined(), 5000)
    await flushPromises()
  }
  return { wrapper, submit }
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('DeleteAccount', () => {
  it('asks for the password before it does anything, and can be left', async () => {
    const remove = vi.fn(async () => undefined)
    const { wrapper, submit } = await mountWith(remove)
    expect(wrapper.find('form').exists()).toBe(false)
    await wrapper.get('#delete-open').trigger('click')
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('delete_password'))
    await submit()
    expect(wrapper.get('#delete_password-error').text()).toBe('The password must not be empty.')
    await wrapper.get('form').trigger('keydown', { key: 'Escape' })
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('delete-open'))
    expect(remove).not.toHaveBeenCalled()
  })

  it('says beside the field when the password is wrong, and keeps it', async () => {
    const { wrapper, submit } = await mountWith(() =>
      Promise.reject(new ApiError(403, 'WRONG_PASSWORD', 'This is not your password')),
    )
    await wrapper.get('#delete-open').trigger('click')
    await wrapper.get('#delete_password').setValue('wrong')
    await submit()
    expect(wrapper.get('#delete_password-error').text()).toBe('This is not your password.')
    expect(wrapper.get<HTMLInputElement>('#delete_password').element.value).toBe('wrong')
    expect(document.activeElement?.id).toBe('delete_password')
  })

  it('deletes once, and stays as it is until the page is left', async () => {
    const remove = vi.fn(async () => undefined)
    const { wrapper } = await mountWith(remove)
    await wrapper.get('#delete-open').trigger('click')
    await wrapper.get('#delete_password').setValue('right')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(remove).toHaveBeenCalledWith('right'), 5000)
    await flushPromises()
    expect(wrapper.get('button[type=submit]').attributes('aria-disabled')).toBe('true')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(remove).toHaveBeenCalledTimes(1)
  })
})
