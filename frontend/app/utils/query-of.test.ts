import { describe, expect, it } from 'vitest'
import { queryOf } from './query-of.ts'

describe('queryOf', () => {
  it('leaves out what is null, and is nothing for nothing', () => {
    expect(queryOf({ q: null, cursor: null })).toBe('')
    expect(queryOf({ q: 'a', cursor: null, limit: 0 })).toBe('?q=a&limit=0')
  })

  it('keeps every sign as what it is', () => {
    const q = 'a&b=c#d?e%f +ü😀/'
    expect(new URLSearchParams(queryOf({ q })).get('q')).toBe(q)
  })
})
