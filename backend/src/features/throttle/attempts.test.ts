import { describe, expect, test } from 'vitest'
import { accountAttempt, networkOf } from './attempts.ts'

describe('networkOf', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s → %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network)
  })
})

test('an account’s key does not depend on case and does not tell the address', () => {
  const { key } = accountAttempt('Ada@Example.org')
  expect(key).toBe(accountAttempt('ada@example.org').key)
  expect(key).toMatch(/^[0-9a-f]{64}$/)
})
