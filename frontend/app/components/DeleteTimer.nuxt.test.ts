import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unreachable } from '../utils/api-error'
import DeleteTimer from './DeleteTimer.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

async function mountWith(remove: () => Promise<unknown>) {
  const wrapper = await mountSuspended(DeleteTimer, { props: { title: 'Coffee', remove }, attachTo: document.body })
  const isOpen = () => wrapper.get('dialog').element.open
  await wrapper.get('#delete-timer').trigger('click')
  return { wrapper, isOpen }
}

describe('DeleteTimer', () => {
  it('asks first, and can be left', async () => {
    const remove = vi.fn(async () => undefined)
    const { wrapper, isOpen } = await mountWith(remove)
    expect(isOpen()).toBe(true)
    await wrapper.get('dialog .ghost').trigger('click')
    expect(isOpen()).toBe(false)
    expect(remove).not.toHaveBeenCalled()
  })

  it('deletes once, and stays open with the reason when it could not', async () => {
    const remove = vi.fn<() => Promise<unknown>>().mockRejectedValueOnce(unreachable())
    const { wrapper, isOpen } = await mountWith(remove)
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(wrapper.get('#delete-timer-failure').text()).toContain('cannot be reached'))
    expect(isOpen()).toBe(true)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    await vi.waitFor(() => expect(isOpen()).toBe(false))
    expect(remove).toHaveBeenCalledTimes(2)
  })
})
