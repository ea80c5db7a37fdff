import type { AdminPhrase } from '@kennwilliamson/contracts/phrases'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../../composables/useToast'
import { unreachable } from '../../utils/api-error'
import Phrases from './phrases.vue'

const { listPhrases, makePhrase, changePhrase } = vi.hoisted(() => ({
  listPhrases: vi.fn(),
  makePhrase: vi.fn(),
  changePhrase: vi.fn(),
}))
mockNuxtImport('useAdministration', () => () => ({ listPhrases, makePhrase, changePhrase }))

const phrase = (n: number, more: Partial<AdminPhrase> = {}): AdminPhrase => ({
  id: `0198a9a0-0000-7000-8000-00000000000${n}`,
  phrase_text: `Phrase number ${n}`,
  active: true,
  mood: 'steady',
  created_by: null,
  created_at: '2026-05-01T00:00:00Z',
  updated_at: '2026-05-01T00:00:00Z',
  ...more,
})
const { id } = phrase(1)

async function mount() {
  const say = vi.fn<Say>()
  const wrapper = await mountSuspended(Phrases, { props: { say, timeZone: 'UTC' }, attachTo: document.body })
  await flushPromises()
  const send = async (form: string) => {
    await wrapper.get(form).trigger('submit')
    await vi.waitFor(() => expect(wrapper.findAll('[type=submit][aria-disabled]')).toHaveLength(0))
    await flushPromises()
  }
  return { wrapper, say, send }
}

beforeEach(() => {
  listPhrases.mockReset().mockResolvedValue({ rows: [phrase(1), phrase(2, { mood: 'early' })], total: 2, next_cursor: null })
  makePhrase.mockReset().mockResolvedValue(phrase(3))
  changePhrase.mockReset().mockImplementation(async (_id: string, wish: Partial<AdminPhrase>) => phrase(1, wish))
})
enableAutoUnmount(afterEach)
afterEach(() => clearNuxtData())

describe('the phrases of administration', () => {
  it('takes one out of use at once, with the way back', async () => {
    const { wrapper, say } = await mount()
    await wrapper.get(`#use-${id}`).trigger('click')
    await flushPromises()
    expect(changePhrase).toHaveBeenCalledExactlyOnceWith(id, { active: false })
    expect(wrapper.get('li').text()).toContain(', out of use')
    expect(await say.mock.calls[0]?.[1]?.()).toBe(`use-${id}`)
    expect(changePhrase).toHaveBeenLastCalledWith(id, { active: true })
  })

  it('is as it was, and says why, when that did not work', async () => {
    const { wrapper, say } = await mount()
    changePhrase.mockRejectedValueOnce(unreachable())
    await wrapper.get(`#use-${id}`).trigger('click')
    await flushPromises()
    expect(wrapper.get('li').text()).not.toContain(', out of use')
    expect(say.mock.calls.at(-1)?.[0]).toContain('It stays as it was')
  })

  it('changes words and mood, and undoes both', async () => {
    const { wrapper, say, send } = await mount()
    await wrapper.get(`#row-${id}`).trigger('click')
    expect(wrapper.get<HTMLInputElement>(`#text-${id}`).element.value).toBe('Phrase number 1')
    await wrapper.get(`#text-${id}`).setValue('Other words')
    await wrapper.get('select').setValue('milestone')
    await send('.edit')
    expect(changePhrase).toHaveBeenCalledExactlyOnceWith(id, { phrase_text: 'Other words', mood: 'milestone' })
    expect(document.activeElement?.id).toBe(`row-${id}`)
    await say.mock.calls[0]?.[1]?.()
    expect(changePhrase).toHaveBeenLastCalledWith(id, { phrase_text: 'Phrase number 1', mood: 'steady' })
  })

  it('keeps a new one in its form when it could not be made, and the wish one', async () => {
    const { wrapper, send } = await mount()
    await wrapper.get('#new-phrase').trigger('click')
    await wrapper.get('#phrase_text').setValue('Made by hand')
    makePhrase.mockRejectedValueOnce(unreachable())
    await send('.new')
    expect(wrapper.get<HTMLInputElement>('#phrase_text').element.value).toBe('Made by hand')
    await send('.new')
    const [first, second] = makePhrase.mock.calls as [object, string][]
    expect(second).toEqual(first)
    expect(wrapper.find('#phrase_text').exists()).toBe(false)
    expect(listPhrases).toHaveBeenCalledTimes(2)
  })

  it('goes on by what the list still has, and shows nothing twice', async () => {
    listPhrases.mockResolvedValueOnce({ rows: [phrase(1), phrase(2), phrase(3)], total: 5, next_cursor: 'more' })
    const { wrapper } = await mount()
    await wrapper.get(`#use-${id}`).trigger('click')
    await flushPromises()
    listPhrases.mockResolvedValueOnce({ rows: [phrase(3), phrase(4)], total: 4, next_cursor: null })
    await wrapper.get('.more button').trigger('click')
    await flushPromises()
    // Of three that are shown, the list has two.
    expect(listPhrases).toHaveBeenLastCalledWith({ q: '', deleted: false, offset: 2 })
    expect(wrapper.findAll('.words').map((words) => words.text().at(-1))).toEqual(['1', '2', '3', '4'])
    expect(document.activeElement?.id).toBe(`row-${phrase(4).id}`)
  })
})
