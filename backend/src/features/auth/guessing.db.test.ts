import { beforeEach, expect, test } from 'vitest'
import { PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

beforeEach(() => harness.owner`delete from auth_throttle`)

function login(email: string, password: string, ip: string) {
  return harness.call('POST', '/auth/login', { body: { email, password }, ip })
}

test('A01: of 100 wrong passwords on one account a few are looked at; its owner has a minute to wait at most', async () => {
  const { email } = (await harness.register()).user
  const ip = randomAddress()
  const statuses: number[] = []
  for (let guess = 0; guess < 100; guess++) {
    const answer = await login(email, `wrong password ${guess}`, ip)
    statuses.push(answer.status)
    if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  }
  expect(statuses.indexOf(429)).toBeLessThan(11)
  // Waits of 1, 2, 4 … s pass while it goes on, so how many there are depends on the machine; after a minute there are 11.
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(12)
  const [row] = await harness.owner`
    select extract(epoch from blocked_until - now())::float8 as seconds from auth_throttle where scope = 'account'
  `
  expect(row?.['seconds']).toBeLessThanOrEqual(60)
  await harness.owner`update auth_throttle set blocked_until = blocked_until - interval '60 seconds' where scope = 'account'`
  expect((await login(email, PASSWORD, randomAddress())).status).toBe(200)
})

test('A03: one password on 500 accounts from one network: a hundred are looked at, and from elsewhere people sign in', async () => {
  const { email } = (await harness.register()).user
  const ip = randomAddress()
  const statuses: number[] = []
  for (let account = 0; account < 500; account++)
    statuses.push((await login(`person-${account}@example.org`, 'Summer2026!', ip)).status)
  expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401))
  expect(new Set(statuses.slice(100))).toEqual(new Set([429]))
  expect((await login(email, PASSWORD, ip)).status).toBe(429)
  expect((await login(email, PASSWORD, randomAddress())).status).toBe(200)
}, 60_000)
