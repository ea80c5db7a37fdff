import postgres from 'postgres'
import { expect, test } from 'vitest'
import { classifyDatabaseError } from './database-errors.ts'

test.each([
  ['53300', 'unavailable', 'too many connections'],
  ['57P01', 'unavailable', 'the server stops'],
  ['53100', 'full', 'L07: no room on the disk'],
  ['53200', 'full', 'no memory left'],
  ['55P03', 'busy', 'a lock that is not to be had'],
  ['40P01', 'busy', 'a deadlock'],
  ['22021', 'bad-input', 'text that cannot be stored'],
  ['42P01', 'other', 'our own mistake'],
])('%s is %s: %s', (code, failure) => {
  const error = Object.assign(Object.create(postgres.PostgresError.prototype) as Error, { code })
  expect(classifyDatabaseError(error)).toBe(failure)
})

test('what is not the database’s is left to others', () => {
  expect(classifyDatabaseError(new Error('53100'))).toBeNull()
  expect(classifyDatabaseError(Object.assign(new Error(), { code: '53100' }))).toBeNull()
})
