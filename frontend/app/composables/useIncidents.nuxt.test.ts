import { mockNuxtImport } from '@nuxt/test-utils/runtime'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { ApiError } from '../utils/api-error'
import type { Api } from './useApi'
import { useIncidents, type Dashboard } from './useIncidents'

const api = { get: vi.fn(), post: vi.fn(), put: vi.fn(), delete: vi.fn() }
mockNuxtImport('useApi', () => () => api as unknown as Api)

const entry = (id: string, at: string, notes: string | null = null) => ({
  id,
  reset_timestamp: at,
  notes,
  created_at: at,
  updated_at: at,
})
const started = '2026-01-01T00:00:00Z'
const NOW = Date.parse('2026-07-10T00:00:00Z')

function setUp() {
  const dashboard = shallowRef({
    timer: { started_at: started },
    entries: [entry('b', '2026-07-05T00:00:00Z', 'b'), entry('a', '2026-07-01T00:00:00Z')],
  } as Dashboard)
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
    dashboard.value = { ...dashboard.value, entries: [] }
    expect(since.value).toBe(started)
  })

  it('resets at once, then shows what the API made of it', async () => {
    const { reset, since, entries, unsaved } = setUp()
    const made = entry('c', '2026-07-10T00:00:00.123456Z', 'note')
    let finish: (value: unknown) => void = () => undefined
    api.post.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)))
    const done = reset({ at: null, notes: ' note ' }, 'key')
    expect(since.value).toBe(new Date(NOW).toISOString())
    expect(api.post).toHaveBeenCalledWith('/incident-timers', { notes: 'note' }, { idempotencyKey: 'key' })
    expect([...unsaved.value]).toEqual(['key'])
    finish(made)
    await done
    expect(unsaved.value.size).toBe(0)
    expect(entries.value.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })

  it('takes a reset back when the API refuses it, and says so', async () => {
    const { reset, entries, unsaved } = setUp()
    api.post.mockRejectedValueOnce(busy)
    await expect(reset({ at: null, notes: '' }, 'key')).rejects.toBe(busy)
    expect(unsaved.value.size).toBe(0)
    expect(entries.value.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('keeps the newest first when an incident is added in between', async () => {
    const { reset, entries } = setUp()
    api.post.mockResolvedValueOnce(entry('m', '2026-07-03T00:00:00Z'))
    await reset({ at: '2026-07-03T00:00:00Z', notes: '' }, 'key')
    expect(entries.value.map(({ id }) => id)).toEqual(['b', 'm', 'a'])
  })

  it('deletes at once, and puts back what could not be deleted', async () => {
    const { remove, entries, dashboard } = setUp()
    const [newest] = dashboard.value.entries
    if (!newest) throw new Error('no entry')
    api.delete.mockRejectedValueOnce(busy)
    const done = remove(newest)
    expect(entries.value.map(({ id }) => id)).toEqual(['a'])
    await expect(done).rejects.toBe(busy)
    expect(entries.value.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('is content when it was deleted already', async () => {
    const { remove, dashboard, entries } = setUp()
    const [newest] = dashboard.value.entries
    if (!newest) throw new Error('no entry')
    api.delete.mockRejectedValueOnce(new ApiError(404, 'TIMER_NOT_FOUND', 'Timer not found'))
    await remove(newest)
    expect(entries.value.map(({ id }) => id)).toEqual(['a'])
  })

  it('lets an incident go that was deleted elsewhere while it was edited', async () => {
    const { edit, dashboard, entries } = setUp()
    const [newest] = dashboard.value.entries
    if (!newest) throw new Error('no entry')
    api.put.mockRejectedValueOnce(new ApiError(404, 'TIMER_NOT_FOUND', 'Timer not found'))
    expect(await edit(newest, { at: null, notes: 'late' })).toBe(false)
    expect(entries.value.map(({ id }) => id)).toEqual(['a'])
  })

  it('sends only what was edited, and takes it back when refused', async () => {
    const { edit, dashboard, entries } = setUp()
    const [newest] = dashboard.value.entries
    if (!newest) throw new Error('no entry')
    api.put.mockRejectedValueOnce(busy)
    const done = edit(newest, { at: null, notes: '' })
    expect(entries.value[0]?.notes).toBeNull()
    expect(api.put).toHaveBeenCalledWith('/incident-timers/b', { notes: null })
    await expect(done).rejects.toBe(busy)
    expect(entries.value[0]?.notes).toBe('b')
  })
})
