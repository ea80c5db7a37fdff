import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { describe, expect, test } from 'vitest'
import { expectProblem, PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

const login = (email: string, password = PASSWORD) =>
  harness.call('POST', '/auth/login', { body: { email, password }, ip: randomAddress() })
const refresh = ({ refresh_token }: SessionAnswer) => harness.call('POST', '/auth/refresh', { body: { refresh_token } })
const register = (email: string, password = PASSWORD) =>
  harness.call('POST', '/auth/register', { body: { email, password, display_name: 'Somebody' }, ip: randomAddress() })

const accounts = async () => (await harness.owner`select email::text from users`).map(({ email }) => email as string)

test('A18: a migrated database has no account, and none of the usual names signs in', async () => {
  expect(await accounts()).toEqual([])
  for (const [email, password] of [
    ['admin', 'admin'],
    ['admin@localhost', 'admin'],
    ['test@example.com', 'password'],
    ['root', 'root'],
    ['kenn@kennwilliamson.org', 'changeme'],
  ] as const) {
    expectProblem(await login(email, password), 401, 'INVALID_CREDENTIALS')
  }
  // The check is not blind: an account that is there is seen, and signs in.
  await register('somebody@example.org')
  expect(await accounts()).toEqual(['somebody@example.org'])
  expect((await login('somebody@example.org')).status).toBe(200)
})

describe('A10: who an address is', () => {
  test('case and surrounding space do not matter; every other character does', async () => {
    expect((await register('Grace.Hopper@Example.org')).status).toBe(201)
    for (const same of ['grace.hopper@example.org', ' GRACE.HOPPER@EXAMPLE.ORG ', 'Grace.Hopper@Example.org\t']) {
      expect((await login(same)).status).toBe(200)
      expectProblem(await register(same), 409, 'EMAIL_TAKEN')
    }
    for (const other of ['grace.hopper+tag@example.org', 'gracehopper@example.org', 'grace.hopper@example.com']) {
      expectProblem(await login(other), 401, 'INVALID_CREDENTIALS')
      expect((await register(other)).status).toBe(201)
    }
  })

  test('no look-alike is an address, at sign-up or sign-in', async () => {
    // A Cyrillic letter, the Kelvin sign and the dotless i, which fold to ASCII here or there, a wide letter, marks that nobody sees.
    for (const odd of ['gr\u0430ce', '\u212aelvin', 'g\u0131na', '\uff47race', 'grace\u200b', 'gr\u0000ace'].map(
      (name) => `${name}@example.org`,
    )) {
      expectProblem(await register(odd), 400, 'INVALID_INPUT')
      expectProblem(await login(odd), 400, 'INVALID_INPUT')
    }
    expectProblem(await register('grace@example.org.'), 400, 'INVALID_INPUT')
  })
})

describe('A06: who a password is', () => {
  test.each([
    ['64 characters', 'x1-'.repeat(21) + 'x'],
    ['128 characters', 'y2 '.repeat(42) + 'yy'],
    ['256 characters', 'z'.repeat(255) + '!'],
    ['spaces at both ends, which count', '  two spaces  '],
    ['emoji', '🏔️👩‍👩‍👧‍👦 over the hills'],
    ['control characters', 'with\u0001control\u0000s'],
  ])('%s: signs in again with the same, and with no part of it', async (what, password) => {
    const email = `${what.replaceAll(/\W+/g, '-')}@example.org`
    expect((await register(email, password)).status).toBe(201)
    expect((await login(email, password)).status).toBe(200)
    const characters = Array.from(password)
    const parts = [characters.slice(0, -1), characters.slice(1), [...characters.slice(0, -1), 'Q']]
    for (const part of parts.map((one) => one.join(''))) expect((await login(email, part)).status).toBe(401)
  })

  test('composed or not, the same keys are the same password (NFKC)', async () => {
    await register('forms@example.org', 'cafe\u0301 ﬁnale')
    for (const same of ['caf\u00e9 finale', 'cafe\u0301 finale', 'caf\u00e9 ﬁnale'])
      expect((await login('forms@example.org', same)).status).toBe(200)
    expect((await login('forms@example.org', 'cafe finale')).status).toBe(401)
  })
})

describe('A19: an account that is', () => {
  test('deactivated: the right password says so, nothing else does, and no session of it goes on', async () => {
    const session = await harness.register()
    const { id, email } = session.user
    await harness.owner`update users set active = false where id = ${id}`
    expectProblem(await login(email, 'not the password'), 401, 'INVALID_CREDENTIALS')
    expectProblem(await login(email), 403, 'ACCOUNT_DEACTIVATED')
    expectProblem(await refresh(session), 401, 'INVALID_REFRESH_TOKEN')
    expectProblem(await harness.call('GET', '/auth/me', { token: session.token }), 401, 'UNAUTHENTICATED')
    await harness.owner`update users set active = true where id = ${id}`
    expect((await login(email)).status).toBe(200)
  })

  test('deleted: as if it had never been', async () => {
    const session = await harness.register()
    await harness.owner`delete from users where id = ${session.user.id}`
    const [gone, never] = [await login(session.user.email), await login('never@example.org')]
    expectProblem(gone, 401, 'INVALID_CREDENTIALS')
    expect(gone.text).toBe(never.text)
    expectProblem(await refresh(session), 401, 'INVALID_REFRESH_TOKEN')
    expectProblem(await harness.call('GET', '/auth/me', { token: session.token }), 401, 'UNAUTHENTICATED')
  })
})

test('S22: what the database holds of a session signs nobody in', async () => {
  const session = await harness.register()
  await refresh(session)
  const [row] = await harness.owner<Record<string, string>[]>`
    select id::text, user_id::text, encode(family_hash, 'hex') as family, encode(current_hash, 'hex') as current,
      encode(previous_hash, 'hex') as previous
    from sessions where user_id = ${session.user.id}
  `
  const stored = Object.values(row ?? {})
  expect(stored).toHaveLength(5)
  for (const text of stored) {
    const [asRefresh, asAccess] = [
      await harness.call('POST', '/auth/refresh', { body: { refresh_token: text } }),
      await harness.call('GET', '/auth/me', { token: text }),
    ]
    expect([asRefresh.status, asAccess.status]).toEqual([401, 401])
    expect((await harness.call('POST', '/auth/revoke', { body: { refresh_token: text } })).status).toBe(404)
  }
  // The check is not blind: the token itself is good, and was none of these.
  expect(stored).not.toContain(session.refresh_token)
  expect((await refresh(session)).status).toBe(200)
})
