import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../utils/api-error'
import { useForm } from './useForm'

const none = async () => ({})
const refused =
  (code: ApiError['code'], fields = {}) =>
  () =>
    Promise.reject(new ApiError(400, code, 'No good', fields))

afterEach(() => {
  document.body.innerHTML = ''
})

describe('useForm', () => {
  it('gives the focus to the first wrong field, or to the failure of this form among several', async () => {
    document.body.innerHTML =
      '<input id="one"><input id="two"><p id="form-failure" tabindex="-1"></p><p id="my-failure" tabindex="-1"></p>'
    const form = useForm({ one: 'The one', two: 'The two' }, { WRONG_PASSWORD: 'two' }, 'my-failure')
    expect(await form.submit(none, refused('INVALID_INPUT', { two: 'must be', one: 'must not be' }))).toBe(false)
    expect(form.errors).toEqual({ one: 'The one must not be.', two: 'The two must be.' })
    expect(document.activeElement?.id).toBe('one')

    expect(await form.submit(none, refused('WRONG_PASSWORD'))).toBe(false)
    expect(form.errors).toEqual({ two: 'No good.' })
    expect(document.activeElement?.id).toBe('two')

    expect(await form.submit(none, refused('OVERLOADED'))).toBe(false)
    expect(form.failure.value).toBe('No good.')
    expect(document.activeElement?.id).toBe('my-failure')
  })

  it('says when to try again, and when the session has ended', async () => {
    const form = useForm({})
    await form.submit(none, () => Promise.reject(new ApiError(429, 'TOO_MANY_REQUESTS', 'Too many', {}, 30)))
    expect(form.failure.value).toBe('Too many. You can try again in 30 seconds.')
    expect(form.signedOut.value).toBe(false)
    await form.submit(none, () => Promise.reject(new ApiError(401, 'UNAUTHENTICATED', 'Please sign in')))
    expect(form.signedOut.value).toBe(true)
    expect(await form.submit(none, none)).toBe(true)
    expect([form.failure.value, form.signedOut.value]).toEqual(['', false])
  })

  it('does a thing once, however often one presses', async () => {
    const form = useForm({})
    let finish: () => void = () => undefined
    const act = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)))
    const first = form.submit(none, act)
    await flushPromises()
    expect(await form.submit(none, act)).toBe(false)
    finish()
    expect(await first).toBe(true)
    expect(act).toHaveBeenCalledTimes(1)
  })
})
