import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { accountAttempt } from '../throttle/attempts.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createKnownDevices } from './known-devices.ts'

const SECRET = 'a secret for tests of sufficient length'
const devices = createKnownDevices([SECRET])
const ada = accountAttempt('ada@example.org').key
const eve = accountAttempt('eve@example.org').key

test('a statement is recognised for its account alone, and keeps its id when it is made anew', () => {
  const statement = devices.vouchFor(null, ada)
  const id = devices.recognise(statement, ada)
  expect(id).toMatch(/^[\w-]{22}$/)
  expect(devices.recognise(statement, eve)).toBeNull()
  expect(devices.vouchFor(id, ada)).toBe(statement)
  expect(devices.vouchFor(id, eve)).not.toBe(statement)
})

test('it is short, fit for a header and a cookie, and tells of nobody', () => {
  const statement = devices.vouchFor(null, ada)
  expect(statement).toMatch(/^1\.[\w-]{22}\.[\w-]{43}$/)
  for (const secret of [ada, 'ada', SECRET]) expect(statement).not.toContain(secret)
})

test('S21: 10,000 ids do not repeat', () => {
  const ids = Array.from({ length: 10_000 }, () => devices.recognise(devices.vouchFor(null, ada), ada))
  expect(new Set(ids).size).toBe(10_000)
})

test('S17: a statement under the previous secret is recognised, the new one signs, and a dropped one is worth nothing', () => {
  const old = devices.vouchFor(null, ada)
  const NEW = 'another secret that is long enough for this'
  const rotated = createKnownDevices([NEW, SECRET])
  const id = rotated.recognise(old, ada)
  expect(id).toBe(devices.recognise(old, ada))
  const renewed = rotated.vouchFor(id, ada)
  const onlyNew = createKnownDevices([NEW])
  expect([onlyNew.recognise(renewed, ada), onlyNew.recognise(old, ada)]).toEqual([id, null])
})

test('S14: any other text, any other kind of token, and any change of one character is nothing, and no error', () => {
  const statement = devices.vouchFor(null, ada)
  const access = createAccessTokens({ secrets: [SECRET], issuer: 'https://localhost', lifetimeSeconds: 900 })
  const jwt = access.sign({ sub: 'x', sid: 'x', gen: 0 }, new Date(Date.now() + 900_000))
  for (const other of [
    undefined,
    null,
    1,
    [statement],
    {},
    '',
    '1..',
    'x'.repeat(10_000),
    `${statement} `,
    `2${statement.slice(1)}`,
    jwt,
  ])
    expect(devices.recognise(other, ada)).toBeNull()
  fc.assert(
    fc.property(fc.nat(statement.length - 1), fc.constantFrom('A', 'b', '0', '-', '.', ' ', 'é'), (at, character) => {
      fc.pre(statement[at] !== character)
      expect(devices.recognise(statement.slice(0, at) + character + statement.slice(at + 1), ada)).toBeNull()
    }),
    { numRuns: propertyRuns(300) },
  )
})
