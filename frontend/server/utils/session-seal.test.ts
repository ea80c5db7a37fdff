import { describe, expect, it } from 'vitest'
import { renewalMargin, sealTokens, tokenExpiry, unsealTokens } from './session-seal.ts'

const password = 'p'.repeat(32)
const tokens = { token: 'a.b.c', refresh_token: '0'.repeat(64) }
const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`

describe('sealTokens and unsealTokens', () => {
  it('gives back what was sealed, and nothing of it can be read on the way', async () => {
    const sealed = await sealTokens(tokens, password, 60)
    expect(sealed).not.toContain(tokens.refresh_token)
    expect(await unsealTokens(sealed, password)).toEqual(tokens)
  })

  it('refuses a seal made with another password', async () => {
    expect(await unsealTokens(await sealTokens(tokens, 'q'.repeat(32), 60), password)).toBeNull()
  })

  it('refuses a seal in which any one character was changed', async () => {
    const sealed = await sealTokens(tokens, password, 60)
    for (let at = 0; at < sealed.length; at += 7) {
      const forged = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      if (forged !== sealed) expect(await unsealTokens(forged, password)).toBeNull()
    }
  })

  it.each(['', 'nonsense', 'Fe26.2*1*2*3*4*5*6*7'])('refuses %j', async (cookie) => {
    expect(await unsealTokens(cookie, password)).toBeNull()
  })

  it('refuses a seal whose time has run out, whatever the browser kept', async () => {
    // Beyond the minute of skew that the format allows between servers.
    expect(await unsealTokens(await sealTokens(tokens, password, -120), password)).toBeNull()
  })

  it('makes another seal each time', async () => {
    expect(await sealTokens(tokens, password, 60)).not.toBe(await sealTokens(tokens, password, 60))
  })

  it('fits tokens of a usual length into a cookie and refuses what does not', async () => {
    const long = { ...tokens, token: 'x'.repeat(1200) }
    expect((await sealTokens(long, password, 604_800)).length).toBeLessThan(4096 - 128)
    await expect(sealTokens({ ...tokens, token: 'x'.repeat(4000) }, password, 60)).rejects.toThrow('does not fit')
  })
})

describe('tokenExpiry', () => {
  it('reads the end of a token in milliseconds', () => {
    expect(tokenExpiry(jwt({ exp: 1_800_000_000 }))).toBe(1_800_000_000_000)
  })

  it.each(['', 'x', 'a.b.c', jwt({}), jwt({ exp: 'soon' }), jwt(null)])('counts %j as ended', (token) => {
    expect(tokenExpiry(token)).toBe(0)
  })
})

describe('renewalMargin', () => {
  it.each([
    ['a quarter of an hour', { iat: 1000, exp: 1900 }, 60_000],
    ['thirty seconds', { iat: 1000, exp: 1030 }, 10_000],
    ['no beginning', { exp: 1900 }, 60_000],
  ])('of a token that lives for %s', (_what, claims, margin) => {
    expect(renewalMargin(jwt(claims))).toBe(margin)
  })
})
