import { Resvg } from '@resvg/resvg-js'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { badgeValue, drawBadge } from './badge.ts'
import { drawCard } from './card.ts'

/** A strict reader of XML and SVG: throws at whatever is not well formed. */
const parse = (svg: string) => new Resvg(svg, { font: { loadSystemFonts: false } })

/** Text that wants to be more than text. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"/><image href="https://evil.example/x.png"/>',
  `' onload='alert(1)`,
  ']]><svg onload=alert(1)>',
  '<!ENTITY x SYSTEM "file:///etc/passwd">&x;',
  '&lt;script&gt;&#60;script&#62;',
  "' or 1=1 --",
  'a\r\nSet-Cookie: x=1',
  'zero\u200bwidth\u200d and \ufeff mark',
  '\u202eright to left',
  '\ufffe\uffff\u0001 not XML',
  '👩‍👩‍👧‍👦 🇩🇪 🙂',
  'שלום עולם',
  'مرحبا بالعالم',
  '日本語のタイトル',
  'Ü'.normalize('NFD').repeat(30),
  'x' + '\u0301'.repeat(99),
  '\ud800 alone',
  'W'.repeat(100),
  ' ',
]

/** No element but ours, no attribute that runs or fetches. */
function expectInert(svg: string): void {
  const tags = [...svg.matchAll(/<\/?([^\s/>]+)/g)].map(([, name]) => name)
  expect(tags.filter((name) => !/^(svg|title|rect|path|g|text|defs|linearGradient|stop)$/.test(name ?? ''))).toEqual([])
  // What is in quotes is a value; what is left are names.
  const names = svg.replaceAll(/>[^<]*</g, '><').replaceAll(/="[^"]*"/g, '=')
  expect(names).not.toMatch(/\bon\w+=|href|style|["']/)
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toContain('://www')
  expect(() => parse(svg)).not.toThrow()
}

describe('I02 I07: a badge', () => {
  test.each(HOSTILE)('stays a picture of its text: %j', (text) => {
    expectInert(drawBadge({ label: text, value: '12 days' }))
    expectInert(drawCard({ title: text, owner: text, parts: PARTS }))
  })

  test('the check is not blind: unescaped it is found', () => {
    const planted = drawBadge({ label: 'LABEL', value: 'x' }).replaceAll('LABEL', '<script>alert(1)</script>')
    expect(() => {
      expectInert(planted)
    }).toThrow()
    expect(() => parse('<svg xmlns="http://www.w3.org/2000/svg"><text>\ufffe & </svg>')).toThrow()
  })

  test('is well formed, inert and of a bounded size, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (label) => {
        const svg = drawBadge({ label, value: '1 hour' })
        expectInert(svg)
        expect(svg.length).toBeLessThan(8_000)
        const width = Number(/width="(\d+)"/.exec(svg)?.[1])
        expect(width).toBeGreaterThan(20)
        expect(width).toBeLessThan(2_100)
      }),
      { numRuns: propertyRuns(200) },
    )
  })
})

test('a long label is cut between characters, and says so', () => {
  expect(drawBadge({ label: `${'a'.repeat(38)}👩‍👩‍👧‍👦bc`, value: 'x' })).toContain(`${'a'.repeat(38)}👩‍👩‍👧‍👦…`)
})

test('colours: ours by name, others as they are, ink that can be read', () => {
  expect(drawBadge({ label: 'a', value: 'b', color: 'green' })).toContain('fill="#2d6e33"')
  const light = drawBadge({ label: 'a', value: 'b', color: 'ff0' })
  expect(light).toContain('fill="#ff0"')
  expect(light).toMatch(/fill="#000"[^>]*>b</)
  expect(drawBadge({ label: 'a', value: 'b', color: '000080' })).toMatch(/fill="#fff"[^>]*>b</)
})

describe('the value of a badge', () => {
  const value = (since: string, server_time: string, time_zone = 'UTC') => badgeValue({ since, server_time, time_zone })
  test.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:59Z', 'less than a minute'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', '1 minute'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:59:59Z', '59 minutes'],
    ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', '1 hour'],
    ['2026-01-01T00:00:00Z', '2026-01-01T23:59:59Z', '23 hours'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '1 day'],
    ['2026-01-01T00:00:00Z', '2026-01-13T00:00:00Z', '12 days'],
    ['2026-01-01T00:00:00Z', '2026-01-14T23:59:59Z', '13 days'],
    ['2026-01-01T00:00:00Z', '2026-01-15T00:00:00Z', '2 weeks'],
    ['2026-01-01T00:00:00Z', '2026-01-31T23:59:59Z', '4 weeks'],
    ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '1 month'],
    ['2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z', '4 weeks'],
    ['2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z', '11 months'],
    ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', '1 year'],
    ['2020-02-29T12:00:00Z', '2026-02-28T12:00:00Z', '5 years'],
    ['2026-01-01T00:00:10Z', '2026-01-01T00:00:00Z', 'less than a minute'],
  ])('from %s to %s is %s', (since, now, expected) => {
    expect(value(since, now)).toBe(expected)
  })

  test('days are those of the owner’s zone, over daylight saving', () => {
    expect(value('2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z', 'Europe/Berlin')).toBe('1 day')
    expect(value('2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z', 'UTC')).toBe('23 hours')
  })
})

const PARTS = { years: 3, months: 0, weeks: 2, days: 6, hours: 23, minutes: 5, seconds: 0 }

describe('a card', () => {
  test('names every unit from the first that is not zero, in singular where it is one', () => {
    const svg = drawCard({ title: 'Calm', owner: 'Ada', parts: { ...PARTS, days: 1 } })
    const words = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)
    expect(words).toEqual([
      'Calm',
      '3',
      'years',
      '0',
      '0',
      'months',
      '0',
      '2',
      'weeks',
      '0',
      '1',
      'day',
      '2',
      '3',
      'hours',
      '0',
      '5',
      'minutes',
      'Ada',
    ])
  })

  test('before the first minute shows a zero', () => {
    const none = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }
    const words = [...drawCard({ title: 'Calm', owner: 'Ada', parts: none }).matchAll(/<text[^>]*>([^<]*)</g)].map(
      ([, text]) => text,
    )
    expect(words).toEqual(['Calm', '0', 'minutes', 'Ada'])
  })

  test('stays in its frame, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), fc.nat(8_000), (title, years) => {
        const svg = drawCard({ title, owner: title.slice(0, 50), parts: { ...PARTS, years } })
        expectInert(svg)
        const places = [...svg.matchAll(/<(?:rect|text) x="([-\d.]+)" y="([-\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
        for (const [x = 0, y = 0] of places) expect(x > 20 && x < 1180 && y > 20 && y < 610).toBe(true)
        expect((svg.match(/font-size="(?:58|48|40|34)"/g) ?? []).length).toBeLessThanOrEqual(2)
      }),
      { numRuns: propertyRuns(100) },
    )
  })
})
