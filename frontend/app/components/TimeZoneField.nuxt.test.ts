import { mountSuspended } from '@nuxt/test-utils/runtime'
import { describe, expect, it, vi } from 'vitest'
import { ownTimeZone } from '../utils/time-zones'
import TimeZoneField from './TimeZoneField.vue'

// The clock asks when the document arrived, which this environment does not know.
vi.stubGlobal('PerformanceNavigationTiming', vi.fn())

async function mountWith(zone: string) {
  const update = vi.fn((value: string) => wrapper.setProps({ modelValue: value }))
  const wrapper = await mountSuspended(TimeZoneField, {
    props: { name: 'time_zone', modelValue: zone, 'onUpdate:modelValue': update },
    attachTo: document.body,
  })
  return { wrapper, update }
}

describe('TimeZoneField', () => {
  it('says what the clock shows there, and nothing of a place that it does not know', async () => {
    const { wrapper } = await mountWith('America/New_York')
    expect(wrapper.text()).toMatch(/In New York it is \d\d:\d\d now/)
    await wrapper.get('input').setValue('Atlantis')
    expect(wrapper.text()).toContain('Type the name of a large city near you')
    wrapper.unmount()
  })

  it('lists the zones once somebody comes to choose', async () => {
    const { wrapper } = await mountWith('UTC')
    expect(wrapper.findAll('option')).toHaveLength(0)
    await wrapper.get('input').trigger('focus')
    expect(wrapper.findAll('option').length).toBeGreaterThan(100)
    wrapper.unmount()
  })

  it('offers the zone of the browser where it is another, and then has the focus', async () => {
    const own = ownTimeZone() ?? ''
    const { wrapper, update } = await mountWith(own === 'Asia/Tokyo' ? 'Europe/London' : 'Asia/Tokyo')
    await wrapper.get('button').trigger('click')
    expect(update).toHaveBeenLastCalledWith(own)
    expect(document.activeElement?.id).toBe('time_zone')
    expect(wrapper.find('button').exists()).toBe(false)
    wrapper.unmount()
  })
})
