import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import UndoToast from './UndoToast.vue'

const props = { message: 'The incident is deleted', token: 1, undoable: true }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('UndoToast', () => {
  it('is announced, and offers the way back', async () => {
    const wrapper = await mountSuspended(UndoToast, { props })
    expect(wrapper.get('[role=status]').text()).toContain('The incident is deleted')
    await wrapper.get('button').trigger('click')
    expect(wrapper.emitted('undo')).toHaveLength(1)
    wrapper.unmount()
  })

  it('goes after twelve seconds', async () => {
    const wrapper = await mountSuspended(UndoToast, { props })
    vi.advanceTimersByTime(11_000)
    expect(wrapper.emitted('close')).toBeUndefined()
    vi.advanceTimersByTime(1000)
    expect(wrapper.emitted('close')).toHaveLength(1)
    wrapper.unmount()
  })

  it('waits while pointer or focus is on it', async () => {
    const wrapper = await mountSuspended(UndoToast, { props })
    await wrapper.get('[role=status]').trigger('focusin')
    vi.advanceTimersByTime(60_000)
    expect(wrapper.emitted('close')).toBeUndefined()
    await wrapper.get('[role=status]').trigger('focusout')
    vi.advanceTimersByTime(12_000)
    expect(wrapper.emitted('close')).toHaveLength(1)
    wrapper.unmount()
  })

  it('tells where the focus was when it goes', async () => {
    const elsewhere = document.body.appendChild(document.createElement('button'))
    const wrapper = await mountSuspended(UndoToast, { props, attachTo: document.body })
    const button = wrapper.get<HTMLButtonElement>('[aria-label^=Close]')
    button.element.focus()
    await wrapper.get('[role=status]').trigger('focusin', { relatedTarget: elsewhere })
    await button.trigger('click')
    expect(wrapper.emitted('close')).toEqual([[elsewhere, true]])
    wrapper.unmount()
    elsewhere.remove()
  })

  it('keeps its live region while there is nothing to say', async () => {
    const wrapper = await mountSuspended(UndoToast, { props: { ...props, message: '' } })
    expect(wrapper.get('[role=status]').text()).toBe('')
    wrapper.unmount()
  })
})
