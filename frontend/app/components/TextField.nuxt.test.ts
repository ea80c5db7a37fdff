import { mountSuspended } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import PasswordField from './PasswordField.vue'
import TextField from './TextField.vue'

describe('TextField', () => {
  it('ties label, hint and error to the field', async () => {
    const wrapper = await mountSuspended(TextField, {
      props: { name: 'email', label: 'E-mail', hint: 'Where to write', error: 'must be one', modelValue: 'x' },
    })
    expect(wrapper.get('label').attributes('for')).toBe('email')
    expect(wrapper.get('input').attributes()).toMatchObject({
      id: 'email',
      name: 'email',
      'aria-invalid': 'true',
      'aria-describedby': 'email-error email-hint',
    })
    wrapper.unmount()
  })

  it('says nothing of an error when there is none', async () => {
    const wrapper = await mountSuspended(TextField, { props: { name: 'email', label: 'E-mail', modelValue: '' } })
    expect(wrapper.get('input').attributes()).not.toHaveProperty('aria-invalid')
    expect(wrapper.get('input').attributes()).not.toHaveProperty('aria-describedby')
    wrapper.unmount()
  })
})

describe('PasswordField', () => {
  it('shows and hides the password, and stays friendly to password managers', async () => {
    const wrapper = await mountSuspended(PasswordField, {
      props: { name: 'password', label: 'Password', autocomplete: 'new-password', modelValue: 'secret' },
    })
    const field = wrapper.get('input')
    expect(field.attributes()).toMatchObject({ type: 'password', autocomplete: 'new-password' })
    await wrapper.get('button').trigger('click')
    expect(field.attributes('type')).toBe('text')
    expect(field.element.value).toBe('secret')
    await wrapper.get('button').trigger('click')
    expect(field.attributes('type')).toBe('password')
    wrapper.unmount()
  })
})
