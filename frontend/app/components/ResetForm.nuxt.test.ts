import type { Stats } from '@kennwilliamson/contracts/incidents'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { IncidentInput } from '../composables/useIncidents'
import { ApiError } from '../utils/api-error'
import ResetForm from './ResetForm.vue'

type Reset = (input: IncidentInput, key: string) => Promise<unknown>

const stats: Stats = {
  current_run_seconds: 864_000,
  record_seconds: 864_000,
  record_is_current: true,
  completed_runs: 0,
  average_run_seconds: null,
  incident_free_days: { d30: 10, d90: 10, d365: 10 },
}
const after = { ...stats, current_run_seconds: 86_400, record_seconds: 777_600, record_is_current: false, completed_runs: 1 }

async function mountWith(reset: Reset, preview: (at: string | null) => Promise<Stats> = async () => after) {
  const wrapper = await mountSuspended(ResetForm, {
    props: { timeZone: 'Europe/London', reset, preview, stats },
    attachTo: document.body,
  })
  const submit = async () => {
    await wrapper.get('form').trigger('submit')
    // The check is loaded when it is first needed.
    await vi.waitFor(() => expect(wrapper.get('button[type=submit]').attributes('aria-disabled')).toBeUndefined(), {
      timeout: 5000,
    })
    await flushPromises()
  }
  return { wrapper, submit }
}

afterEach(() => {
  document.body.innerHTML = ''
})

describe('ResetForm', () => {
  it('resets now, with the note, and is empty afterwards', async () => {
    const reset = vi.fn<Reset>(async () => undefined)
    const { wrapper, submit } = await mountWith(reset)
    await wrapper.get('#notes').setValue('Deployed on a Friday')
    await submit()
    expect(reset.mock.calls[0]?.[0]).toEqual({ at: null, notes: 'Deployed on a Friday' })
    expect(wrapper.get<HTMLTextAreaElement>('#notes').element.value).toBe('')
  })

  it('keeps what was typed after a failure and asks again with the same key', async () => {
    const reset = vi
      .fn<Reset>()
      .mockRejectedValueOnce(new ApiError(503, 'OVERLOADED', 'The site is busy'))
      .mockResolvedValueOnce(undefined)
    const { wrapper, submit } = await mountWith(reset)
    await wrapper.get('#notes').setValue('Twice')
    await submit()
    expect(wrapper.get<HTMLTextAreaElement>('#notes').element.value).toBe('Twice')
    expect(wrapper.get('[role=alert]').text()).toContain('The site is busy')
    await submit()
    const [first, second] = reset.mock.calls
    expect(second?.[1]).toBe(first?.[1])
  })

  it('makes a new key when the wish is another', async () => {
    const reset = vi.fn<Reset>(() => Promise.reject(new ApiError(503, 'OVERLOADED', 'The site is busy')))
    const { wrapper, submit } = await mountWith(reset)
    await wrapper.get('#notes').setValue('One')
    await submit()
    await wrapper.get('#notes').setValue('Two')
    await submit()
    expect(reset.mock.calls[1]?.[1]).not.toBe(reset.mock.calls[0]?.[1])
  })

  it("reads an earlier time by the owner's clock", async () => {
    const reset = vi.fn<Reset>(async () => undefined)
    const { wrapper, submit } = await mountWith(reset)
    await wrapper.get('.now button').trigger('click')
    await wrapper.get('#occurred_at').setValue('2026-07-05T14:58:00')
    await submit()
    expect(reset.mock.calls[0]?.[0].at).toBe('2026-07-05T13:58:00.000Z')
  })

  it('says beside the field that the time is missing, and asks nothing', async () => {
    const reset = vi.fn<Reset>(async () => undefined)
    const { wrapper, submit } = await mountWith(reset)
    await wrapper.get('.now button').trigger('click')
    await submit()
    expect(reset).not.toHaveBeenCalled()
    expect(wrapper.get('#occurred_at').attributes()).toMatchObject({ 'aria-invalid': 'true' })
    expect(wrapper.get('#occurred_at-error').text()).toBe('The time must be a date and a time.')
    expect(document.activeElement?.id).toBe('occurred_at')
    await wrapper.get('#occurred_at').setValue('2026-07-05T14:58:00')
    expect(wrapper.find('#occurred_at-error').exists()).toBe(false)
  })

  it('keeps the focus where the choice of the time is', async () => {
    const { wrapper } = await mountWith(async () => undefined)
    await wrapper.get('.now button').trigger('click')
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('occurred_at'))
    await wrapper.get('.when > button').trigger('click')
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('it-happened-earlier'))
  })

  it('shows what the API refuses beside the field that it is about', async () => {
    const { wrapper, submit } = await mountWith(() =>
      Promise.reject(new ApiError(400, 'INCIDENT_IN_FUTURE', 'An incident cannot lie in the future')),
    )
    await wrapper.get('.now button').trigger('click')
    await wrapper.get('#occurred_at').setValue('2999-07-05T14:58:00')
    await submit()
    expect(wrapper.get('#occurred_at-error').text()).toBe('An incident cannot lie in the future.')
  })

  it('says what a reset at an earlier time would do, before it is made', async () => {
    const preview = vi.fn(async () => after)
    const { wrapper } = await mountWith(async () => undefined, preview)
    await wrapper.get('.now button').trigger('click')
    await wrapper.get('#occurred_at').setValue('2026-07-05T14:58:00')
    await vi.waitFor(() => expect(wrapper.get('.would').text()).not.toBe(''), { timeout: 3000 })
    expect(preview).toHaveBeenLastCalledWith('2026-07-05T13:58:00.000Z')
    expect(wrapper.get('.would').text()).toContain('The clock would show 1 day instead of 10 days.')
    expect(wrapper.get('.would').text()).toContain('Your record would fall from 10 days to 9 days.')
  })

  it('says beside the field that a time would be refused', async () => {
    const refuse = () => Promise.reject(new ApiError(400, 'INCIDENT_IN_FUTURE', 'An incident cannot lie in the future'))
    const { wrapper } = await mountWith(async () => undefined, refuse)
    await wrapper.get('.now button').trigger('click')
    await wrapper.get('#occurred_at').setValue('2999-07-05T14:58:00')
    await vi.waitFor(() => expect(wrapper.find('#occurred_at-error').exists()).toBe(true), { timeout: 3000 })
  })
})
