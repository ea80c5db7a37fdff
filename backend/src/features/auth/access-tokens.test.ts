import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'

const START = Date.parse('2026-03-01T12:00:00Z')
const secrets = ['a secret of thirty-two characters or more']
const claims = { sub: 'somebody', sid: 'a session', gen: 3 }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

const setUp = (lifetimeSeconds = 60) => createAccessTokens({ secrets, issuer: 'https://localhost', lifetimeSeconds })
const later = new Date(START + 3_600_000)

describe('a token that was found right before', () => {
  it('is as right as at the first time, until its end', () => {
    const tokens = setUp()
    const token = tokens.sign(claims, later)
    expect(tokens.verify(token)).toEqual(claims)
    vi.setSystemTime(START + 59_999)
    expect(tokens.verify(token)).toEqual(claims)
    for (const after of [60_001, 61_000, 1_000_000]) {
      vi.setSystemTime(START + after)
      expect(tokens.verify(token)).toBeNull()
    }
  })

  it('is judged by its times alone and as one that nobody has seen, whenever it is asked for', () => {
    const tokens = setUp()
    const token = tokens.sign(claims, later)
    tokens.verify(token)
    for (let at = -200_000; at <= 200_000; at += 7_000) {
      vi.setSystemTime(START + at)
      expect([at, tokens.verify(token)]).toEqual([at, setUp().verify(token)])
    }
  })

  it('says nothing of another one: of any changed letter a token is refused', () => {
    const tokens = setUp()
    const token = tokens.sign(claims, later)
    tokens.verify(token)
    for (let at = 0; at < token.length - 1; at += 3) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect([at, tokens.verify(changed)]).toEqual([at, null])
    }
  })

  it('gives nobody what others could change', () => {
    const tokens = setUp()
    const token = tokens.sign(claims, later)
    const first = tokens.verify(token)
    if (first) first.sub = 'somebody else'
    const second = tokens.verify(token)
    if (second) second.sub = 'somebody else'
    expect(tokens.verify(token)).toEqual(claims)
  })

  it('is still right when more were seen than are kept', () => {
    const tokens = setUp()
    const token = tokens.sign(claims, later)
    for (let n = 0; n < 1_100; n++) expect(tokens.verify(tokens.sign({ ...claims, gen: n }, later))?.gen).toBe(n)
    expect(tokens.verify(token)).toEqual(claims)
  })
})
