import type { UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unreachable } from '../utils/api-error'
import ListingChoice from './ListingChoice.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

async function mountAt(isListed: boolean) {
  const change = vi.fn(async (wish: UpdateTimerRequest): Promise<unknown> =>
    wrapper.setProps({ isListed: wish.is_listed ?? false }),
  )
  const wrapper = await mountSuspended(ListingChoice, { props: { isListed, change }, attachTo: document.body })
  const box = wrapper.get<HTMLInputElement>('input[name=is_listed]')
  const flip = async () => {
    box.element.click()
    await flushPromises()
  }
  return { wrapper, change, flip, isOn: () => box.element.checked }
}

describe('ListingChoice', () => {
  it('asks nothing of search engines unless it is wished, and takes the wish back', async () => {
    const { wrapper, change, flip, isOn } = await mountAt(false)
    expect(isOn()).toBe(false)
    await flip()
    expect(change).toHaveBeenLastCalledWith({ is_listed: true })
    expect([isOn(), wrapper.text().includes('may list it now')]).toEqual([true, true])
    await flip()
    expect(change).toHaveBeenLastCalledWith({ is_listed: false })
    expect([isOn(), wrapper.text().includes('asked to leave it out now')]).toEqual([false, true])
  })

  it('goes back, with the reason, when it could not be kept', async () => {
    const { wrapper, change, flip, isOn } = await mountAt(false)
    change.mockRejectedValueOnce(unreachable())
    await flip()
    expect(isOn()).toBe(false)
    expect(wrapper.get('#listing-failure').text()).toContain('It stays as it was: The site cannot be reached')
  })

  it('keeps the last of quick wishes, and sends none that was overtaken', async () => {
    const { change, flip, isOn } = await mountAt(false)
    let answer = (): void => undefined
    change.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(undefined))))
    await flip()
    await flip()
    await flip()
    answer()
    await flushPromises()
    expect(change.mock.calls.map(([wish]) => wish.is_listed)).toEqual([true, true])
    expect(isOn()).toBe(true)
  })
})
