import { mockNuxtImport } from '@nuxt/test-utils/runtime'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { Timer } from '@kennwilliamson/contracts/timers'
import { ApiError } from '../utils/api-error'
import type { Api } from './useApi'
import type { Dashboard } from './useDashboard'
import { useIncidents } from './useIncidents'

const api = { get: vi.fn(), post: vi.fn(), patch: vi.fn(), delete: vi.fn() }
mockNuxtImport('useApi', () => () => api as unknown as Api)

const entry = (id: string, at: string, notes: string | null = null) => ({
  id,
  occurred_at: at,
  notes,
  corrected_at: null,
  created_at: at,
  updated_at: at,
})
const started = '2026-01-01T00:00:00Z'
const NOW = Date.parse('2026-07-10T00:00:00Z')

function setUp() {
  const dashboard = shallowRef({
    timer: { id: 't', started_at: started },
    next_cursor: null,
    incidents: [entry('b', '2026-07-05T00:00:00Z', 'b'), entry('a', '2026-07-01T00:00:00Z')],
  } as Dashboard & { timer: Timer })
  return { dashboard, ...useIncidents(dashboard, () => NOW) }
}
const busy = new ApiError(503, 'OVERLOADED', 'The site is busy')

beforeEach(() => {
  for (const call of Object.values(api)) call.mockReset()
})

describe('useIncidents', () => {
  it('counts from the newest incident, or from the start while there is none', () => {
    const { since, dashboard } = setUp()
    expect(since.value).toBe('2026-07-05T00:00:00Z')
    dashboard.value = { ...dashboard.value, incidents: [] }
    expect(since.value).toBe(started)
  })

  it('resets at once, then shows what the API made of it', async () => {
    const { reset, since, incidents, unsaved } = setUp()
    const made = entry('c', '2026-07-10T00:00:00.123456Z', 'note')
    let finish: (value: unknown) => void = () => undefined
    api.post.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)))
    const done = reset({ at: null, notes: ' note ' }, 'key')
    expect(since.value).toBe(new Date(NOW).toISOString())
    expect(api.post).toHaveBeenCalledWith('/timers/t/incidents', { notes: 'note' }, { idempotencyKey: 'key' })
    expect([...unsaved.value]).toEqual(['key'])
    finish(made)
    await done
    expect(unsaved.value.size).toBe(0)
    expect(incidents.value.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })

  it('takes a reset back when the API refuses it, and says so', async () => {
    const { reset, incidents, unsaved } = setUp()
    api.post.mockRejectedValueOnce(busy)
    await expect(reset({ at: null, notes: '' }, 'key')).rejects.toBe(busy)
    expect(unsaved.value.size).toBe(0)
    expect(incidents.value.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('keeps the newest first when an incident is added in between', async () => {
    const { reset, incidents } = setUp()
    api.post.mockResolvedValueOnce(entry('m', '2026-07-03T00:00:00Z'))
    await reset({ at: '2026-07-03T00:00:00Z', notes: '' }, 'key')
    expect(incidents.value.map(({ id }) => id)).toEqual(['b', 'm', 'a'])
  })

  it('deletes at once, and puts back what could not be deleted', async () => {
    const { remove, incidents, dashboard } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.delete.mockRejectedValueOnce(busy)
    const done = remove(newest)
    expect(incidents.value.map(({ id }) => id)).toEqual(['a'])
    await expect(done).rejects.toBe(busy)
    expect(incidents.value.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('is content when it was deleted already', async () => {
    const { remove, dashboard, incidents } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.delete.mockRejectedValueOnce(new ApiError(404, 'INCIDENT_NOT_FOUND', 'There is no such incident'))
    await remove(newest)
    expect(incidents.value.map(({ id }) => id)).toEqual(['a'])
  })

  it('lets an incident go that was deleted elsewhere while it was edited', async () => {
    const { edit, dashboard, incidents } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.patch.mockRejectedValueOnce(new ApiError(404, 'INCIDENT_NOT_FOUND', 'There is no such incident'))
    expect(await edit(newest, { at: null, notes: 'late' })).toEqual({ kind: 'gone' })
    expect(incidents.value.map(({ id }) => id)).toEqual(['a'])
  })

  it('sends only what was edited, and takes it back when refused', async () => {
    const { edit, dashboard, incidents } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.patch.mockRejectedValueOnce(busy)
    const done = edit(newest, { at: null, notes: '' })
    expect(incidents.value[0]?.notes).toBeNull()
    expect(api.patch).toHaveBeenCalledWith('/timers/t/incidents/b', { notes: null }, { ifMatch: newest.updated_at })
    await expect(done).rejects.toBe(busy)
    expect(incidents.value[0]?.notes).toBe('b')
  })

  it('sees what is there now when it was changed elsewhere, and saves over that', async () => {
    const { edit, dashboard, incidents } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    const current = { ...newest, notes: 'theirs', updated_at: '2026-07-09T00:00:00Z' }
    api.patch.mockRejectedValueOnce(new ApiError(412, 'STALE', 'Changed')).mockResolvedValueOnce(current)
    expect(await edit(newest, { at: null, notes: 'mine' })).toEqual({ kind: 'stale', current })
    expect(incidents.value[0]?.notes).toBe('theirs')
    api.patch.mockResolvedValueOnce({ ...current, notes: 'mine' })
    expect(await edit(current, { at: null, notes: 'mine' })).toEqual({ kind: 'saved' })
    expect(api.patch).toHaveBeenLastCalledWith('/timers/t/incidents/b', { notes: 'mine' }, { ifMatch: current.updated_at })
  })

  it('takes what is there for its own doing when it is what was wished: the first answer was lost', async () => {
    const { edit, dashboard } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.patch.mockRejectedValueOnce(new ApiError(412, 'STALE', 'Changed')).mockResolvedValueOnce({ ...newest, notes: 'mine' })
    expect(await edit(newest, { at: null, notes: 'mine' })).toEqual({ kind: 'saved' })
  })

  it('keeps an incident that was changed elsewhere before it was deleted here', async () => {
    const { remove, dashboard, incidents } = setUp()
    const [newest] = dashboard.value.incidents
    if (!newest) throw new Error('no entry')
    api.delete.mockRejectedValueOnce(new ApiError(412, 'STALE', 'Changed'))
    api.patch.mockResolvedValueOnce({ ...newest, notes: 'theirs' })
    expect(await remove(newest)).toBe(false)
    expect(incidents.value[0]?.notes).toBe('theirs')
  })

  it('offers to take back the reset of the last ten minutes alone, and not what a file brought', () => {
    const { findUndoable, dashboard } = setUp()
    expect(findUndoable()).toBeNull()
    const fresh = entry('c', '2026-07-09T23:55:00Z')
    dashboard.value = { ...dashboard.value, incidents: [fresh, ...dashboard.value.incidents] }
    expect(findUndoable()?.id).toBe('c')
    const other = { ...entry('d', '2026-07-02T00:00:00Z'), created_at: fresh.created_at }
    dashboard.value = { ...dashboard.value, incidents: [...dashboard.value.incidents, other] }
    expect(findUndoable()).toBeNull()
  })

  it('leaves what lies beyond the pages that were read to the next page', async () => {
    const { reset, showMore, dashboard, incidents } = setUp()
    dashboard.value = { ...dashboard.value, next_cursor: 'c' }
    api.post.mockResolvedValueOnce(entry('o', '2026-05-01T00:00:00Z'))
    await reset({ at: '2026-05-01T00:00:00Z', notes: '' }, 'key')
    expect(incidents.value.map(({ id }) => id)).toEqual(['b', 'a'])
    api.get.mockResolvedValueOnce({ incidents: [entry('o', '2026-05-01T00:00:00Z')], next_cursor: null })
    await showMore()
    expect(incidents.value.map(({ id }) => id)).toEqual(['b', 'a', 'o'])
  })
})
