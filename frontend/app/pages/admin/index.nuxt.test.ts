import type { AdminStats } from '@kennwilliamson/contracts/admin'
import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Say } from '../../composables/useToast'
import { unreachable } from '../../utils/api-error'
import Overview from './index.vue'

const { loadStats, setRegistration } = vi.hoisted(() => ({ loadStats: vi.fn(), setRegistration: vi.fn() }))
mockNuxtImport('useAdministration', () => () => ({ loadStats, setRegistration }))

const STATS: AdminStats = {
  users: 1234,
  users_active: 1230,
  administrators: 2,
  timers: 2000,
  suggestions_pending: 3,
  database_bytes: 12_345_678,
  version: '0.1.0',
  database_version: '17.10 (Debian)',
  migration: 10,
  registration: 'open',
  registration_fixed: false,
  server_time: '2026-06-10T12:00:00Z',
  certificate: { expires_at: '2026-08-10T12:00:00Z' },
  backup: { succeeded: true, finished_at: '2026-06-10T03:00:00Z' },
  proof: { succeeded: false, finished_at: '2026-06-10T03:00:00Z' },
}
const loaded = (more: Partial<AdminStats> = {}) => ({ kind: 'loaded', value: { ...STATS, ...more } })

async function mount() {
  const say = vi.fn<Say>()
  const wrapper = await mountSuspended(Overview, { props: { say, timeZone: 'UTC' }, attachTo: document.body })
  await flushPromises()
  const pressed = () => wrapper.findAll('[aria-pressed=true]').map((one) => one.text())
  const press = async (which: string) => {
    await wrapper.get(`#registration-${which}`).trigger('click')
    await flushPromises()
  }
  return { wrapper, say, pressed, press }
}

beforeEach(() => {
  loadStats.mockReset().mockResolvedValue(loaded())
  setRegistration.mockReset().mockResolvedValue({})
})
enableAutoUnmount(afterEach)
afterEach(() => clearNuxtData())

describe('the overview', () => {
  it('tells of the installation, and of what is not well', async () => {
    const text = (await mount()).wrapper.text().replaceAll(/\s+/g, ' ')
    for (const piece of ['1,234 1,230 active', '2,000', '3 wait for you', '12 MB PostgreSQL 17.10', '9 h ago', 'Good for 61 d'])
      expect(text).toContain(piece)
    expect((await mount()).wrapper.findAll('.unwell').map((one) => one.get('dt').text())).toEqual(['Last backup proved'])
  })

  it('closes registration at once, and offers the way back', async () => {
    const { say, pressed, press } = await mount()
    loadStats.mockResolvedValue(loaded({ registration: 'closed' }))
    await press('closed')
    expect(setRegistration).toHaveBeenCalledExactlyOnceWith('closed')
    expect(pressed()).toEqual(['Nobody new'])
    await press('closed')
    expect(setRegistration).toHaveBeenCalledTimes(1)
    loadStats.mockResolvedValue(loaded())
    expect(await say.mock.calls[0]?.[1]?.()).toBe('registration-open')
    await flushPromises()
    expect(setRegistration).toHaveBeenLastCalledWith('open')
    expect(pressed()).toEqual(['Anybody'])
  })

  it('is as it was, and says why, when that did not work', async () => {
    const { say, pressed, press } = await mount()
    setRegistration.mockRejectedValueOnce(unreachable())
    await press('closed')
    expect(pressed()).toEqual(['Anybody'])
    expect(say.mock.calls[0]?.[0]).toContain('It stays as it was: The site cannot be reached')
  })

  it('offers no choice where whoever runs the machine has closed it', async () => {
    loadStats.mockResolvedValue(loaded({ registration: 'closed', registration_fixed: true }))
    const { wrapper } = await mount()
    expect(wrapper.find('#registration-open').exists()).toBe(false)
    expect(wrapper.text()).toContain('REGISTRATION=closed')
  })
})
