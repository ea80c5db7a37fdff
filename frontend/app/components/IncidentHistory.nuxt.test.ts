import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import IncidentHistory from './IncidentHistory.vue'

const entry = (id: string, at: string, notes: string | null = null) => ({
  id,
  reset_timestamp: at,
  notes,
  created_at: at,
  updated_at: at,
})
const entries = [entry('b', '2026-07-05T13:58:00.123456Z', 'Second'), entry('a', '2026-07-01T12:00:00Z')]

async function mountWith(list = entries, unsaved: string[] = []) {
  const save = vi.fn(async () => undefined)
  const wrapper = await mountSuspended(IncidentHistory, {
    props: { entries: list, startedAt: '2026-07-01T10:00:00Z', timeZone: 'Europe/London', unsaved: new Set(unsaved), save },
    attachTo: document.body,
  })
  return { wrapper, save }
}

describe('IncidentHistory', () => {
  it('teaches when there is nothing yet', async () => {
    const { wrapper } = await mountWith([])
    expect(wrapper.text()).toContain('No incident yet')
    wrapper.unmount()
  })

  it("shows the owner's time, the run before and the note", async () => {
    const { wrapper } = await mountWith()
    const [second, first] = wrapper.findAll('li').map((row) => row.text())
    expect(second).toContain('5 July 2026, 14:58')
    expect(second).toContain('4 d')
    expect(second).toContain('Second')
    expect(first).toContain('2 h')
    expect(first).toContain('No note')
    wrapper.unmount()
  })

  it('names the incident in every button, for who hears only the button', async () => {
    const { wrapper } = await mountWith()
    expect(wrapper.get('#edit-a').text().replace(/\s+/g, ' ')).toBe('Edit the incident of 1 July 2026, 13:00')
    wrapper.unmount()
  })

  it('tells which incident shall go', async () => {
    const { wrapper } = await mountWith()
    await wrapper.findAll('li')[1]?.findAll('button')[1]?.trigger('click')
    expect(wrapper.emitted('remove')).toEqual([[entries[1]]])
    wrapper.unmount()
  })

  it('gives the focus of a deleted row to the next one, or says that nothing is left to have it', async () => {
    const { wrapper } = await mountWith()
    await wrapper.get('#delete-b').trigger('click')
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('delete-a'))
    expect(wrapper.emitted('lost')).toBeUndefined()
    await wrapper.get('#delete-a').trigger('click')
    await vi.waitFor(() => expect(wrapper.emitted('lost')).toHaveLength(1))
    wrapper.unmount()
  })

  it('lets nobody touch an incident that is not saved yet', async () => {
    const { wrapper } = await mountWith(entries, ['b'])
    const disabled = ['edit-b', 'delete-b', 'edit-a', 'delete-a'].map((id) => 'disabled' in wrapper.get(`#${id}`).attributes())
    expect(disabled).toEqual([true, true, false, false])
    wrapper.unmount()
  })

  it('leaves the time alone when only the note is edited, and gives the focus back', async () => {
    const { wrapper, save } = await mountWith()
    await wrapper.get('#edit-b').trigger('click')
    expect(document.activeElement?.id).toBe('edit_notes')
    await wrapper.get('#edit_notes').setValue('Better words')
    await wrapper.get('form').trigger('submit')
    await vi.waitFor(() => expect(save).toHaveBeenCalledWith(entries[0], { at: null, notes: 'Better words' }), { timeout: 5000 })
    await flushPromises()
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('edit-b'))
    wrapper.unmount()
  })

  it('closes the form on Escape without saving', async () => {
    const { wrapper, save } = await mountWith()
    await wrapper.get('#edit-b').trigger('click')
    await wrapper.get('#edit_notes').trigger('keydown', { key: 'Escape' })
    expect(wrapper.find('form').exists()).toBe(false)
    expect(save).not.toHaveBeenCalled()
    wrapper.unmount()
  })

  it('draws a long history a page at a time', async () => {
    const many = Array.from({ length: 120 }, (_, index) =>
      entry(`n${index}`, new Date(Date.UTC(2026, 0, 1) - index * 3_600_000).toISOString()),
    )
    const { wrapper } = await mountWith(many)
    expect(wrapper.findAll('li')).toHaveLength(50)
    await wrapper.get('.more').trigger('click')
    expect(wrapper.findAll('li')).toHaveLength(100)
    wrapper.unmount()
  })
})
