import { mountSuspended } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import IncidentHistory from './IncidentHistory.vue'

const entry = (id: string, at: string, notes: string | null = null) => ({
  id,
  occurred_at: at,
  notes,
  corrected_at: null,
  created_at: at,
  updated_at: at,
})
const entries = [entry('b', '2026-07-05T13:58:00.123456Z', 'Second'), entry('a', '2026-07-01T12:00:00Z')]

async function mountWith(list = entries, unsaved: string[] = [], isWhole = true) {
  const save = vi.fn(async () => ({ kind: 'saved' as const }))
  const showMore = vi.fn(async () => undefined)
  const search = vi.fn(async () => ({ incidents: [] as typeof list, next_cursor: null }))
  const wrapper = await mountSuspended(IncidentHistory, {
    props: {
      incidents: list,
      isWhole,
      startedAt: '2026-07-01T10:00:00Z',
      timeZone: 'Europe/London',
      unsaved: new Set(unsaved),
      save,
      showMore,
      search,
    },
    attachTo: document.body,
  })
  return { wrapper, save, showMore, search }
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
    await wrapper.get('form.editor').trigger('submit')
    await vi.waitFor(() => expect(save).toHaveBeenCalledWith(entries[0], { at: null, notes: 'Better words' }), { timeout: 5000 })
    await flushPromises()
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('edit-b'))
    wrapper.unmount()
  })

  it('closes the form on Escape without saving', async () => {
    const { wrapper, save } = await mountWith()
    await wrapper.get('#edit-b').trigger('click')
    await wrapper.get('#edit_notes').trigger('keydown', { key: 'Escape' })
    expect(wrapper.find('form.editor').exists()).toBe(false)
    expect(save).not.toHaveBeenCalled()
    wrapper.unmount()
  })

  it('offers the next page while there is one', async () => {
    const { wrapper, showMore } = await mountWith(entries, [], false)
    await wrapper.get('.more').trigger('click')
    expect(showMore).toHaveBeenCalledTimes(1)
    await wrapper.setProps({ isWhole: true })
    expect(wrapper.find('.more').exists()).toBe(false)
    wrapper.unmount()
  })

  it('searches once for what was typed, and says when nothing is found', async () => {
    const { wrapper, search } = await mountWith()
    await wrapper.get('#history-search').setValue('bre')
    await wrapper.get('#history-search').setValue('bread')
    await vi.waitFor(() => expect(wrapper.text()).toContain('No note has “bread” in it'), { timeout: 3000 })
    expect(search.mock.calls).toEqual([['bread', null]])
    await wrapper.get('#history-search').setValue('')
    await vi.waitFor(() => expect(wrapper.findAll('li')).toHaveLength(2), { timeout: 3000 })
    wrapper.unmount()
  })

  it('keeps what was typed when the incident was changed elsewhere, and shows what is there now', async () => {
    const { wrapper, save } = await mountWith()
    const current = { ...entry('b', '2026-07-05T13:58:00Z', 'Theirs'), updated_at: '2026-07-06T00:00:00Z' }
    save.mockResolvedValueOnce({ kind: 'stale', current } as never)
    await wrapper.get('#edit-b').trigger('click')
    await wrapper.get('#edit_notes').setValue('Mine')
    await wrapper.get('form.editor').trigger('submit')
    await vi.waitFor(() => expect(wrapper.find('#edit-conflict').exists()).toBe(true), { timeout: 5000 })
    expect(wrapper.get('#edit-conflict').text()).toContain('Theirs')
    expect(wrapper.get<HTMLTextAreaElement>('#edit_notes').element.value).toBe('Mine')
    await wrapper.get('form.editor').trigger('submit')
    await vi.waitFor(() => expect(save).toHaveBeenLastCalledWith(current, { at: null, notes: 'Mine' }), { timeout: 5000 })
    wrapper.unmount()
  })
})
