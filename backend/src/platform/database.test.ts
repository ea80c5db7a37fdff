import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timestampFromText } from './database.ts'

test('a time keeps its microseconds from PostgreSQL’s text to RFC 3339', () => {
  expect(timestampFromText('2026-07-05 13:58:04.123456+00')).toBe('2026-07-05T13:58:04.123456Z')
  expect(timestampFromText('2026-07-05 13:58:04+00')).toBe('2026-07-05T13:58:04Z')
})

test('whatever the instant, the text is a time that reads as the same instant', () => {
  const instants = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(instants, (instant) => {
      const text = instant.toISOString().replace('T', ' ').replace('Z', '+00')
      expect(Date.parse(timestampFromText(text))).toBe(instant.getTime())
    }),
  )
})
