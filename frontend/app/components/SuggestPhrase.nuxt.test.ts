import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../composables/useToast'
import { ApiError, unreachable } from '../utils/api-error'
import SuggestPhrase from './SuggestPhrase.vue'

const { suggest, withdraw } = vi.hoisted(() => ({ suggest: vi.fn(), withdraw: vi.fn() }))
mockNuxtImport('usePhrases', () => () => ({ suggest, withdraw }))

async function mount() {
  const say = vi.fn<Say>()
  const wrapper = await mountSuspended(SuggestPhrase, { props: { say }, attachTo: document.body })
  const field = wrapper.get<HTMLInputElement>('#phrase_text')
  const send = async (words: string) => {
    await field.setValue(words)
    await wrapper.get('form').trigger('submit')
    // The check is loaded first.
    await vi.waitFor(() => expect(wrapper.get('button').attributes('aria-disabled')).toBeUndefined())
    await flushPromises()
  }
  return { wrapper, say, field, send }
}

beforeEach(() => {
  suggest.mockReset().mockResolvedValue({ id: 'made' })
  withdraw.mockReset().mockResolvedValue(undefined)
})
afterEach(() => {
  document.body.innerHTML = ''
})

describe('SuggestPhrase', () => {
  it('shows the words as they would stand, and how many signs are left', async () => {
    const { wrapper, field } = await mount()
    expect(wrapper.get('.enamel').text()).toBe('Your words, in enamel')
    await field.setValue('  Two   words 😀 ')
    expect(wrapper.get('.enamel').text()).toBe('Two words 😀')
    expect(wrapper.text()).toContain('189 characters left')
    await field.setValue(`a ${'x'.repeat(200)}`)
    expect(wrapper.text()).toContain('2 too many')
  })

  it('sends it, is ready for the next, and can be undone with the words back', async () => {
    const { say, field, send } = await mount()
    await send('Two words')
    expect(suggest).toHaveBeenCalledExactlyOnceWith('Two words', expect.stringMatching(/^[\da-f-]{36}$/))
    expect(field.element.value).toBe('')
    expect(document.activeElement).toBe(field.element)
    expect(await say.mock.calls[0]?.[1]?.()).toBe('phrase_text')
    expect(withdraw).toHaveBeenCalledExactlyOnceWith('made')
    await flushPromises()
    expect(field.element.value).toBe('Two words')
  })

  it('refuses one word beside the field, before it is sent', async () => {
    const { wrapper, send } = await mount()
    await send('oneword')
    expect(wrapper.get('#phrase_text-error').text()).toBe('The phrase must have two words at least.')
    expect(suggest).not.toHaveBeenCalled()
  })

  it('keeps the words and the wish when it did not work', async () => {
    const { wrapper, field, send } = await mount()
    suggest.mockRejectedValueOnce(unreachable())
    await send('Two words')
    expect(field.element.value).toBe('Two words')
    expect(wrapper.get('#form-failure').text()).toContain('cannot be reached')
    suggest.mockRejectedValueOnce(new ApiError(409, 'TOO_MANY_SUGGESTIONS', '20 of your suggestions wait'))
    await send('Two words')
    expect(wrapper.get('#form-failure').text()).toContain('20 of your suggestions wait')
    const [first, second] = suggest.mock.calls as [string, string][]
    expect(second?.[1]).toBe(first?.[1])
    await send('Other words')
    expect((suggest.mock.calls as [string, string][]).at(-1)?.[1]).not.toBe(first?.[1])
  })
})
