import { createSigner } from 'fast-jwt'
import { createHash, createHmac, generateKeyPairSync, hkdfSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { buildTestApp, expectProblem, JWT_SECRET, SITE_URL, testConfig, useHarness } from '../../testing/harness.ts'

const harness = useHarness()

const me = (token: string) => harness.call('GET', '/auth/me', { token })

describe('access tokens', () => {
  const key = Buffer.from(hkdfSync('sha256', JWT_SECRET, '', 'kennwilliamson access token', 32))
  const kid = createHash('sha256').update(key).digest('hex').slice(0, 12)
  const now = () => Math.floor(Date.now() / 1000)

  async function good() {
    const { token, user } = await harness.register()
    const [header = '', payload = ''] = token.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
    return { token, user, header: read(header), payload: read(payload) }
  }

  function forge(payload: object, header: Record<string, unknown> = {}, signingKey: string | Buffer = key): string {
    const sign = createSigner<Record<string, unknown>>({
      key: signingKey,
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: 'at+jwt', kid, ...header },
    })
    return sign({ ...payload })
  }

  /** As `forge`, with the payload written as it is. */
  function forgeText(payload: string): string {
    const [header = ''] = forge({}).split('.')
    const signed = `${header}.${Buffer.from(payload).toString('base64url')}`
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
  }

  test('say what the design says, in characters that plain base64 decodes', async () => {
    const { token, user, header, payload } = await good()
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid })
    expect(payload).toEqual({
      iss: SITE_URL,
      aud: 'api',
      sub: user.id,
      sid: expect.any(String) as string,
      gen: 0,
      iat: expect.any(Number) as number,
      exp: (payload.iat as number) + 900,
    })
    expect(atob(token.split('.')[1] ?? '')).toBe(JSON.stringify(payload))
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).toMatch(/^[\x20-\x7d]+$/)
  })

  test('a token forged with the real key is accepted: the tests below refuse for their own reason', async () => {
    const { payload } = await good()
    expect((await me(forge(payload))).status).toBe(200)
  })

  test('S12: another algorithm, no algorithm, no signature, another key', async () => {
    const { token, payload } = await good()
    const [header = '', body = '', signature = ''] = token.split('.')
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const eddsa = createSigner({ key: privateKey, algorithm: 'EdDSA', header: { alg: 'EdDSA', typ: 'at+jwt', kid } })
    const hs512 = createSigner({ key, algorithm: 'HS512', header: { alg: 'HS512', typ: 'at+jwt', kid } })
    for (const forged of [
      hs512(payload),
      forge(payload, {}, publicKey),
      forge(payload, { alg: 'HS512' }),
      forge(payload, { jwk: { kty: 'oct', k: 'AAAA' } }),
      `${part({ alg: 'none', typ: 'at+jwt', kid })}.${body}.`,
      `${header}.${body}.`,
      `${header}.${body}`,
      `${header}.${body}.${signature.slice(0, -2)}AA`,
      eddsa(payload),
      forge(payload, {}, randomBytes(32)),
      forge(payload, { kid: 'unknown' }),
      forge(payload, { typ: 'JWT' }),
      `${header}.${part({ ...payload, sub: 'someone-else' })}.${signature}`,
    ]) {
      expectProblem(await me(forged), 401, 'UNAUTHENTICATED')
    }
  })

  test('S14, S15: wrong issuer or audience, and every wrong kind of time', async () => {
    const { payload } = await good()
    const { exp: _, ...rest } = payload
    const withExp = (exp: string) => `${JSON.stringify(rest).slice(0, -1)},"exp":${exp}}`
    for (const exp of [`"${now() + 900}"`, '1e400', '-1e400', 'null', 'true', `[${now() + 900}]`, '{}', '0', '-1', 'NaN'])
      expectProblem(await me(forgeText(withExp(exp))), 401, 'UNAUTHENTICATED')
    // The check is not blind: written so, a right time passes.
    expect((await me(forgeText(withExp(String(now() + 900))))).status).toBe(200)
    for (const claims of [
      { ...payload, iss: 'https://evil.example' },
      { ...payload, aud: 'other' },
      { ...payload, iat: now() - 1000, exp: now() - 1 },
      { ...payload, nbf: now() + 120 },
      rest,
      { ...payload, gen: 'x' },
    ]) {
      expectProblem(await me(forge(claims)), 401, 'UNAUTHENTICATED')
    }
  })

  test('S10: one that was made longer ago than a token lives now is refused, however long it says it is good', async () => {
    const { payload, token, user } = await good()
    // The mark of a revocation is kept for two lifetimes: a token of a time when they were longer would be good again after it.
    await harness.call('POST', '/auth/revoke-all', { token })
    await harness.owner`delete from revoked_sessions`
    const { app } = buildTestApp(testConfig('postgres://unused', { accessTokenSeconds: 60 }), harness.sql)
    const ask = async (iat: number) => {
      const authorization = `Bearer ${forge({ ...payload, iat, exp: now() + 700 })}`
      return (await app.inject({ url: '/backend/auth/me', headers: { authorization } })).statusCode
    }
    expect(await ask(now() - 125)).toBe(401)
    // The check is not blind: without the mark it is only the age that refuses.
    expect([await ask(now() - 100), user.email]).toEqual([200, user.email])
    for (const iat of ['null', '"1"', '1e400', '{}']) {
      const text = JSON.stringify({ ...payload, iat: 0 }).replace('"iat":0', `"iat":${iat}`)
      expectProblem(await me(forgeText(text)), 401, 'UNAUTHENTICATED')
    }
    await app.close()
  })

  test('S14: a refresh token is no access token, nor are other kinds of credentials', async () => {
    const { refresh_token, token } = await harness.register()
    for (const authorization of [
      `Bearer ${refresh_token}`,
      `Basic ${token}`,
      token,
      'Bearer',
      `Bearer ${token} x`,
      'Bearer null',
      `Bearer ${'x'.repeat(5000)}`,
    ]) {
      const answer = await harness.call('GET', '/auth/me', { headers: { authorization } })
      expectProblem(answer, 401, 'UNAUTHENTICATED')
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test('S17: with two secrets the older one’s tokens are accepted until their end and the newer one signs', async () => {
    const { token, payload } = await good()
    const rotated = testConfig('postgres://unused', { jwtSecrets: ['the new secret, long enough for anyone', JWT_SECRET] })
    const onlyNew = testConfig('postgres://unused', { jwtSecrets: ['the new secret, long enough for anyone'] })
    for (const [config, status] of [
      [rotated, 200],
      [onlyNew, 401],
    ] as const) {
      const { app } = buildTestApp(config, harness.sql)
      const answer = await app.inject({ url: '/backend/auth/me', headers: { authorization: `Bearer ${token}` } })
      expect(answer.statusCode).toBe(status)
      const over = forge({ ...payload, iat: now() - 900, exp: now() - 1 })
      const late = await app.inject({ url: '/backend/auth/me', headers: { authorization: `Bearer ${over}` } })
      expect(late.statusCode).toBe(401)
      await app.close()
    }
  })
})
