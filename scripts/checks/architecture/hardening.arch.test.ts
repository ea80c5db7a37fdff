import { describe, expect, it } from 'vitest'
import { HARDENING_CASES } from './hardening-cases.ts'
import { checkHardening, findClaims } from './hardening.ts'
import { listFiles, parseSource, readText } from './sources.ts'

const claims = listFiles()
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => findClaims(parseSource(file, readText(file))))

describe('the list of attacks and faults', () => {
  it('has a test for each case that applies, and knows every case that a test names', () => {
    const lines = checkHardening(claims, HARDENING_CASES).map(
      ({ path, line, rule, remedy }) => `${path}:${line}  ${rule}. Remedy: ${remedy}.`,
    )
    expect(lines).toEqual([])
  })

  it('is looked at: tests of every kind are found', () => {
    expect(claims.length).toBeGreaterThan(100)
    for (const kind of [/\.db\.test\.ts$/, /\.nginx\.test\.ts$/, /\.stack\.test\.ts$/, /\.container\.test\.ts$/, /\.spec\.ts$/])
      expect(claims.some(({ path }) => kind.test(path))).toBe(true)
  })
})

describe('the check of the list', () => {
  const claimed = (text: string) => findClaims(parseSource('backend/src/a.test.ts', text)).map(({ id }) => id)

  it('reads names of tests, suites and tables, with one id or several', () => {
    expect(claimed("test('S03: twenty tabs', () => {})")).toEqual(['S03'])
    expect(claimed('describe(`S01, S03, Z04: ${n} times`, () => {})')).toEqual(['S01', 'S03', 'Z04'])
    expect(claimed("test('C02 C03 without a colon', () => {})")).toEqual(['C02', 'C03'])
    expect(claimed("it.each([['A09: a number', 1], ['O02', 2]])('%s', () => {})")).toEqual(['A09', 'O02'])
    expect(claimed("it.each([1])('L01: %s is back', () => {})")).toEqual(['L01'])
  })

  it('takes nothing else for a name', () => {
    expect(claimed("// S03: twenty tabs\nconst x = 'S03: twenty tabs'")).toEqual([])
    expect(claimed("test('about S03', () => expect('S04: no name').toBe(1))")).toEqual([])
    expect(findClaims(parseSource('backend/src/a.ts', "test('S03: no test file', () => {})"))).toEqual([])
  })

  it('misses a test that is gone, a case that nobody knows, and one that waits although it is tested', () => {
    const cases = {
      S01: { what: 'one', status: 'tested' },
      S02: { what: 'two', status: { waitsFor: 'something' } },
    } as const
    const claim = (id: string) => ({ id, path: 'a.test.ts', line: 1 })
    expect(checkHardening([claim('S01')], cases)).toEqual([])
    expect(checkHardening([], cases)).toMatchObject([{ rule: 'no test is about S01 (one)' }])
    expect(checkHardening([claim('S01'), claim('S99')], cases)).toMatchObject([{ rule: 'S99 is no known case' }])
    expect(checkHardening([claim('S01'), claim('S02')], cases)).toHaveLength(1)
    for (const id of ['S01', 'P08', 'O02', 'L11']) {
      const left = claims.filter((one) => one.id !== id)
      expect(checkHardening(left, HARDENING_CASES)).toMatchObject([{ rule: expect.stringContaining(id) as string }])
    }
  })
})
