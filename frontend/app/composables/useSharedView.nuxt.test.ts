import { mockNuxtImport } from '@nuxt/test-utils/runtime'
import { describe, expect, it, vi } from 'vitest'
import { ApiError, Moved, unreachable } from '../utils/api-error'
import type { Api } from './useApi'
import { useSharedViewLoader } from './useSharedView'

const get = vi.fn()
mockNuxtImport('useApi', () => () => ({ get }) as unknown as Api)

describe('useSharedViewLoader', () => {
  it('tells a former address from one that nobody has, and both from a site that is away', async () => {
    const load = useSharedViewLoader('/shared/%C3%A4mne/incident-timer')
    get.mockRejectedValueOnce(new Moved('/shared/new/incident-timer'))
    expect(await load()).toEqual({ kind: 'moved', path: '/new/incident-timer' })
    get.mockRejectedValueOnce(new ApiError(404, 'TIMER_NOT_FOUND', 'Timer not found'))
    expect(await load()).toEqual({ kind: 'not-there' })
    get.mockRejectedValueOnce(unreachable())
    expect(await load()).toEqual({ kind: 'away' })
    get.mockResolvedValueOnce({ title: 'x' })
    expect(await load()).toEqual({ kind: 'shown', view: { title: 'x' } })
    expect(get).toHaveBeenCalledWith('/shared/%C3%A4mne/incident-timer', { anonymous: true })
  })
})
