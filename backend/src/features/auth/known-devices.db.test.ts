import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { beforeEach, describe, expect, test } from 'vitest'
import { buildTestApp, expectProblem, PASSWORD, randomAddress, testConfig, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

interface Attempt {
  password?: string
  device?: string
  ip?: string
}

function login(email: string, { password = PASSWORD, device, ip = randomAddress() }: Attempt = {}) {
  const headers = device === undefined ? {} : { 'x-device-token': device }
  return harness.call('POST', '/auth/login', { body: { email, password }, headers, ip })
}

/** What an answer says of the device. */
const deviceIn = ({ headers }: { headers: object }) => (headers as Record<string, string | undefined>)['x-device-token']

/** A person who has signed in on a device before. */
async function someone(): Promise<{ email: string; device: string }> {
  const { email } = (await harness.register()).user
  return { email, device: deviceIn(await login(email)) ?? '' }
}

/** Waits that run go on for 20 s at least, so that a slow machine does not sit them out. */
async function holdWaits(): Promise<void> {
  await harness.owner`
    update auth_throttle set blocked_until = greatest(blocked_until, now() + interval '20 seconds') where blocked_until > '-infinity'
  `
}

/** Guesses at an account from ever new networks until the account has to wait. */
async function keepGuessing(email: string): Promise<void> {
  for (let guess = 0; guess < 12; guess++) {
    if ((await login(email, { password: 'a wrong password' })).status !== 429) continue
    await holdWaits()
    return
  }
  throw new Error('the account does not have to wait')
}

/** What stays counted; whatever was no failure is taken back. */
const counted = () =>
  harness.owner`select scope, failures from auth_throttle where failures > 0 and scope <> 'registration' order by scope`

beforeEach(() => harness.owner`delete from auth_throttle`)

describe('X-Device-Token', () => {
  test('comes with each sign-in and registration, and with nothing else', async () => {
    const body = { email: 'newcomer@example.org', password: PASSWORD, display_name: 'Newcomer' }
    const registered = await harness.call('POST', '/auth/register', { body, ip: randomAddress() })
    expect(deviceIn(registered)).toMatch(/^1\.[\w-]{22}\.[\w-]{43}$/)
    // Registering makes the device known too.
    await keepGuessing('newcomer@example.org')
    expect((await login('newcomer@example.org', { device: deviceIn(registered) ?? '' })).status).toBe(200)
    expect((await login('newcomer@example.org')).status).toBe(429)

    const { email, device } = await someone()
    expect(device).toMatch(/^1\.[\w-]{22}\.[\w-]{43}$/)
    expect(Object.keys((await login(email, { device })).body).sort()).toEqual(['refresh_token', 'token', 'user'])
    for (const wrong of [
      await login(email, { device, password: 'wrong password' }),
      await login('nobody@example.org', { device }),
    ])
      expect([wrong.status, deviceIn(wrong)]).toEqual([401, undefined])
    await harness.owner`update users set active = false where email = ${email}`
    const deactivated = await login(email, { device })
    expect([deactivated.status, deviceIn(deactivated)]).toEqual([403, undefined])
  })

  test('stays the same on a device that brings it along, and is another on each other device', async () => {
    const { email, device } = await someone()
    expect(deviceIn(await login(email, { device }))).toBe(device)
    expect(deviceIn(await login(email))).not.toBe(device)
  })

  test('P01: with or without one, a known and an unknown address get the same bytes', async () => {
    const { email, device } = await someone()
    const answers = [
      await login(email, { password: 'wrong password' }),
      await login(email, { password: 'wrong password', device }),
      await login('nobody@example.org', { password: 'wrong password' }),
      await login('nobody@example.org', { password: 'wrong password', device }),
    ]
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const without = ['date', 'x-request-id']
    const named = answers.map(({ headers }) =>
      JSON.stringify(Object.entries(headers).filter(([name]) => !without.includes(name))),
    )
    expect(new Set(named).size).toBe(1)
  })
})

describe('while somebody keeps guessing at an account', () => {
  test('A01: the owner signs in at once on a known device, and waits a minute at most on another', async () => {
    const { email, device } = await someone()
    for (let round = 0; round < 5; round++) {
      await keepGuessing(email)
      expect((await login(email, { device })).status).toBe(200)
      // The check is not blind: without it the same owner waits.
      const elsewhere = await login(email)
      expectProblem(elsewhere, 429, 'TOO_MANY_REQUESTS')
      expect(Number(elsewhere.headers['retry-after'])).toBeLessThanOrEqual(60)
      // The guesser goes on as soon as it may.
      await harness.owner`update auth_throttle set blocked_until = '-infinity' where scope = 'account'`
    }
    // Nor has the owner's success given the guesser anything.
    await keepGuessing(email)
    const [account] = await harness.owner`select failures from auth_throttle where scope = 'account'`
    expect(account?.['failures']).toBeGreaterThanOrEqual(10)
  })

  test('a network that has used up its failures does not hold up a known device in it', async () => {
    const { email, device } = await someone()
    const ip = randomAddress()
    await harness.owner`
      insert into auth_throttle (scope, key, failures, window_ends_at, blocked_until)
      values ('network', ${ip}, 100, now() + interval '10 minutes', now() + interval '10 minutes')
    `
    expectProblem(await login(email, { ip }), 429, 'TOO_MANY_REQUESTS')
    expect((await login(email, { ip, device })).status).toBe(200)
    expect(await counted()).toEqual([{ scope: 'network', failures: 100 }])
  })

  test('a forged, changed, foreign or oversized one is no error and gives nothing', async () => {
    const { email, device } = await someone()
    const foreign = (await someone()).device
    const { app } = buildTestApp(
      testConfig('postgres://unused', { jwtSecrets: ['another secret that is long enough for this'] }),
      harness.sql,
    )
    const other = await app.inject({ method: 'POST', url: '/backend/auth/login', payload: { email, password: PASSWORD } })
    await app.close()
    const session = (await login(email)).body as SessionAnswer
    await keepGuessing(email)
    for (const worthless of [
      foreign,
      String(other.headers['x-device-token']),
      `${device.slice(0, -1)}${device.endsWith('A') ? 'B' : 'A'}`,
      device.replace(/^1/, '2'),
      `${device}, ${device}`,
      '1..',
      'x'.repeat(8_000),
      session.token,
      session.refresh_token,
    ]) {
      expectProblem(await login(email, { device: worthless }), 429, 'TOO_MANY_REQUESTS')
    }
    expect(await harness.owner`select from auth_throttle where scope = 'device'`).toHaveLength(0)
    // The check is not blind: the real one passes.
    expect((await login(email, { device })).status).toBe(200)
  })

  test('a stolen one has the limits of an account for itself, and is of no use at another account', async () => {
    const [{ email, device }, victim] = [await someone(), await someone()]
    const guess = async () => (await login(email, { device, password: 'wrong password' })).status
    for (let failure = 0; failure < 6; failure++) expect(await guess()).toBe(401)
    await holdWaits()
    expect([await guess(), await guess()]).toEqual([429, 429])
    expect(await counted()).toEqual([
      { scope: 'device', failures: 6 },
      { scope: 'devices', failures: 6 },
    ])
    const blocked = await login(email, { device })
    expectProblem(blocked, 429, 'TOO_MANY_REQUESTS')
    expect(Number(blocked.headers['retry-after'])).toBeLessThanOrEqual(60)
    // Neither the owner's other devices nor anybody else are held up by it.
    expect((await login(email)).status).toBe(200)
    expect((await login(victim.email, { device: victim.device })).status).toBe(200)
    await keepGuessing(victim.email)
    expect((await login(victim.email, { device })).status).toBe(429)
  })

  test('parallel guesses with one cannot outrun its count', async () => {
    const { email, device } = await someone()
    const answers = await Promise.all(Array.from({ length: 30 }, () => login(email, { device, password: 'wrong password' })))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6)
  })

  test('many collected ones have a bound together, and success on one gives the others nothing', async () => {
    const { email, device } = await someone()
    const collected = [device]
    while (collected.length < 14) collected.push(deviceIn(await login(email)) ?? '')
    expect(new Set(collected).size).toBe(14)
    const statuses: number[] = []
    for (const one of collected.slice(1))
      for (let guess = 0; guess < 4; guess++)
        statuses.push((await login(email, { device: one, password: 'wrong password' })).status)
    await holdWaits()
    // 52 guesses of which none is the sixth on its device: the account's 51st has to wait.
    expect(statuses.filter((status) => status === 401)).toHaveLength(51)
    const blocked = await login(email, { device })
    expectProblem(blocked, 429, 'TOO_MANY_REQUESTS')
    expect(Number(blocked.headers['retry-after'])).toBeLessThanOrEqual(60)
    // No stranger and no other account is held up by it, and the owner can go on where nobody knows them.
    expect((await login(email)).status).toBe(200)
    await harness.owner`update auth_throttle set blocked_until = '-infinity' where scope = 'devices'`
    expect((await login(email, { device })).status).toBe(200)
    const [all] = await harness.owner`select failures from auth_throttle where scope = 'devices'`
    expect(all?.['failures']).toBeGreaterThanOrEqual(50)
  })

  test('success on the device clears its own count, and only that', async () => {
    const { email, device } = await someone()
    for (let slip = 0; slip < 4; slip++) await login(email, { device, password: 'wrong password' })
    for (let guess = 0; guess < 3; guess++) await login(email, { password: 'wrong password', ip: '10.1.2.3' })
    expect((await login(email, { device })).status).toBe(200)
    expect(await counted()).toEqual([
      { scope: 'account', failures: 3 },
      { scope: 'devices', failures: 4 },
      { scope: 'network', failures: 3 },
    ])
  })
})
