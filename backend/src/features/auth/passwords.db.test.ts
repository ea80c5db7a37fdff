import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { PASSWORD, randomAddress, useHarness } from '../../testing/harness.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { renewOutdatedHash } from './renew-hash.ts'

const harness = useHarness()
const OURS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

/** An account whose hash came with an imported database. */
async function imported(passwordHash: string): Promise<{ id: string; email: string }> {
  const { id, email } = (await harness.register()).user
  await harness.owner`update users set password_hash = ${passwordHash} where id = ${id}`
  return { id, email }
}

async function login(email: string, password: string): Promise<number> {
  return (await harness.call('POST', '/auth/login', { body: { email, password }, ip: randomAddress() })).status
}

async function hashOf(id: string): Promise<string> {
  const [row] = await harness.owner<{ password_hash: string }[]>`select password_hash from users where id = ${id}`
  return row?.password_hash ?? ''
}

/** The hash once it is of ours, which comes after the answer. */
async function renewedHash(id: string): Promise<string> {
  for (let tries = 0; tries < 200 && !OURS.test(await hashOf(id)); tries++) await delay(20)
  return await hashOf(id)
}

describe('a bcrypt hash of an imported database', () => {
  test.each(['$2a$', '$2b$', '$2y$'])('%s signs in, and becomes one of ours that knows the same password', async (prefix) => {
    const old = (await bcrypt(PASSWORD, 4)).replace('$2b$', prefix)
    const { id, email } = await imported(old)
    expect(await login(email, 'not the password')).toBe(401)
    expect(await hashOf(id)).toBe(old)
    expect(await login(email, PASSWORD)).toBe(200)
    const renewed = await renewedHash(id)
    expect(renewed).toMatch(OURS)
    expect([await login(email, PASSWORD), await login(email, 'not the password')]).toEqual([200, 401])
    // Once is enough.
    await delay(100)
    expect(await hashOf(id)).toBe(renewed)
  })

  test('is one that other programs made too', async () => {
    // From the test vectors of crypt_blowfish (Openwall).
    const { email } = await imported('$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
    expect([await login(email, 'U*V'), await login(email, 'U*U')]).toEqual([401, 200])
  })

  test('knows a password as it was typed then, in one Unicode form; once renewed, in every form', async () => {
    const [composed, decomposed] = ['caf\u00e9 finale \u00e9cole', 'cafe\u0301 finale e\u0301cole']
    const { id, email } = await imported(await bcrypt(composed, 4))
    expect(await login(email, decomposed)).toBe(401)
    expect(await login(email, composed)).toBe(200)
    await renewedHash(id)
    expect(await login(email, decomposed)).toBe(200)
  })

  test('sees 72 bytes of a password: a longer one signs in by those, and stays bcrypt’s, so that no slip becomes the password', async () => {
    const long = `${'é'.repeat(36)} and more`
    const old = await bcrypt(long, 4)
    const { id, email } = await imported(old)
    expect(await login(email, `${'é'.repeat(36)} with a slip`)).toBe(200)
    expect(await login(email, 'é'.repeat(35))).toBe(401)
    await delay(200)
    expect(await hashOf(id)).toBe(old)
    expect(await login(email, long)).toBe(200)
    expect([isOutdated(old, 'é'.repeat(36)), isOutdated(old, `${'é'.repeat(36)}x`)]).toEqual([true, false])
  })
})

test.each([
  ['less memory', { memoryCost: 4_096, timeCost: 3, parallelism: 1 }],
  ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }],
])('a hash of argon2id with %s becomes one of ours at the next sign-in', async (_what, parameters) => {
  const { id, email } = await imported(await argon2(PASSWORD, parameters))
  expect(await login(email, PASSWORD)).toBe(200)
  expect(await renewedHash(id)).toMatch(OURS)
})

test('a hash that is as strong or stronger is left alone', async () => {
  const strong = await argon2(PASSWORD, { memoryCost: 32_768, timeCost: 3, parallelism: 1 })
  const { id, email } = await imported(strong)
  expect(await login(email, PASSWORD)).toBe(200)
  await delay(200)
  expect(await hashOf(id)).toBe(strong)
})

test('a hash of a kind that is not known here matches nothing, as an unknown account does', async () => {
  for (const odd of [
    '!',
    '',
    PASSWORD,
    '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    '$1$salt$abc',
    '$6$salt$abc',
  ]) {
    const { email } = await imported(odd)
    expect([odd, await login(email, PASSWORD)]).toEqual([odd, 401])
    expect(await login(email, 'U*U')).toBe(401)
  }
})

test('renewing does not undo a change of password that came between', async () => {
  const old = await bcrypt(PASSWORD, 4)
  const { id } = await imported(old)
  const changed = await hashPassword('an evening by the sea')
  await harness.owner`update users set password_hash = ${changed} where id = ${id}`
  expect(await renewOutdatedHash(harness.sql, { id, password_hash: old }, PASSWORD)).toBe(false)
  expect(await hashOf(id)).toBe(changed)
})

test('a full queue refuses to renew a hash, and leaves it for the next time', async () => {
  const old = await bcrypt(PASSWORD, 4)
  const { id } = await imported(old)
  const full = Array.from({ length: 66 }, (_, n) => hashPassword(`password ${n}`))
  await expect(renewOutdatedHash(harness.sql, { id, password_hash: old }, PASSWORD)).rejects.toMatchObject({ code: 'OVERLOADED' })
  await Promise.all(full)
  expect(await hashOf(id)).toBe(old)
  expect(await renewOutdatedHash(harness.sql, { id, password_hash: old }, PASSWORD)).toBe(true)
})

test('a sign-in neither waits for the new hash nor fails with it', async () => {
  const old = await bcrypt(PASSWORD, 4)
  const { id, email } = await imported(old)
  let release: () => void = () => undefined
  const held = harness.owner.begin(async (sql) => {
    await sql`select from users where id = ${id} for share`
    await new Promise<void>((resolve) => (release = resolve))
  })
  await delay(50)
  expect(await login(email, PASSWORD)).toBe(200)
  // It waits for the lock for three seconds, then it is given up.
  for (let tries = 0; tries < 400 && !harness.logs.join('').includes('password hash not renewed'); tries++) await delay(20)
  expect(harness.logs.join('')).toContain('password hash not renewed')
  release()
  await held
  expect(await hashOf(id)).toBe(old)
  expect(await login(email, PASSWORD)).toBe(200)
  expect(await renewedHash(id)).toMatch(OURS)
})

test('A08: a password of a megabyte is refused before any work is done on it', async () => {
  const began = performance.now()
  const body = { email: 'a@example.org', password: 'x'.repeat(1_000_000) }
  const answer = await harness.call('POST', '/auth/login', { body, ip: randomAddress() })
  expect(answer.status).toBe(413)
  const longest = { email: 'a@example.org', password: 'x'.repeat(257) }
  expect((await harness.call('POST', '/auth/register', { body: { ...longest, display_name: 'A' } })).status).toBe(400)
  // Hashing it in a queue of its own would take longer; this is bounded by the reading alone.
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('A20: hashes are of our own kind, salted anew each time', async () => {
  const hashes = await Promise.all(Array.from({ length: 60 }, () => hashPassword(PASSWORD)))
  expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(hashes.length)
  for (const hash of hashes) expect([OURS.test(hash), isOutdated(hash, PASSWORD)]).toEqual([true, false])
  // 128 random bits.
  expect(Buffer.from(hashes[0]?.split('$')[4] ?? '', 'base64')).toHaveLength(16)
  expect([await verifyPassword(hashes[0] ?? '', PASSWORD), await verifyPassword(hashes[0] ?? '', 'another')]).toEqual([
    true,
    false,
  ])
})
