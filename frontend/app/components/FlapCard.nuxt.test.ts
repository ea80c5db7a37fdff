import { mountSuspended } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import FlapCard from './FlapCard.vue'

describe('FlapCard', () => {
  it('is two halves of one digit while it rests', async () => {
    const wrapper = await mountSuspended(FlapCard, { props: { digit: '4' } })
    expect(wrapper.findAll('.half').map((half) => half.text())).toEqual(['4', '4'])
    expect(wrapper.find('.fall > *').exists()).toBe(false)
  })

  it('shows the new digit above and the old one below while the leaf falls, which has both', async () => {
    const wrapper = await mountSuspended(FlapCard, { props: { digit: '4' } })
    await wrapper.setProps({ digit: '5' })
    expect(wrapper.findAll('.flap > .half').map((half) => half.text())).toEqual(['5', '5'])
    expect(wrapper.get('.fall > .lo:not(.leaf)').text()).toBe('4')
    expect([wrapper.get('.up.leaf').text(), wrapper.get('.lo.leaf').text()]).toEqual(['4', '5'])
  })

  it('rests again when the leaf has landed, not when its shadow has gone', async () => {
    const wrapper = await mountSuspended(FlapCard, { props: { digit: '4' } })
    await wrapper.setProps({ digit: '5' })
    await wrapper.get('.up.leaf').trigger('animationend')
    await wrapper.get('.lo.leaf > i').trigger('animationend')
    expect(wrapper.find('.fall > *').exists()).toBe(true)
    await wrapper.get('.lo.leaf').trigger('animationend')
    expect(wrapper.findAll('.half').map((half) => half.text())).toEqual(['5', '5'])
  })

  it('begins anew when the next digit comes before it has landed', async () => {
    const wrapper = await mountSuspended(FlapCard, { props: { digit: '4' } })
    await wrapper.setProps({ digit: '5' })
    const first = wrapper.get('.up.leaf').element
    await wrapper.setProps({ digit: '6' })
    expect(wrapper.get('.up.leaf').element).not.toBe(first)
    expect([wrapper.get('.up.leaf').text(), wrapper.get('.lo.leaf').text()]).toEqual(['5', '6'])
    expect(wrapper.findAll('.leaf')).toHaveLength(2)
  })
})
