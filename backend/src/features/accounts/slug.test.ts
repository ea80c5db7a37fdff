import { Slug } from '@kennwilliamson/contracts/common'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { RESERVED_SLUGS } from './reserved-slugs.ts'
import { makeSlug, slugForUser } from './slug.ts'

const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.string({ maxLength: 50 }),
)

describe('makeSlug', () => {
  test.each([
    ['Ada Lovelace', 'ada-lovelace'],
    ['  Ada   Lovelace  ', 'ada-lovelace'],
    ['ADA_LOVELACE', 'adalovelace'],
    ['José O’Neill', 'josé-oneill'],
    ['Jose\u0301', 'josé'],
    ['李 小龍', '李-小龍'],
    ['हिन्दी', 'हिन्दी'],
    ['Ada--2 -', 'ada-2'],
    ['a\u00a0b\u2003c', 'a-b-c'],
    ['❤️ Bob', 'bob'],
    ['<script>', 'script'],
    ['../../etc', 'etc'],
    ['!!!', ''],
    ['---', ''],
  ])('%j → %j', (name, slug) => {
    expect(makeSlug(name)).toBe(slug)
  })

  test('whatever the name, the slug fits an address, and is its own slug', () => {
    fc.assert(
      fc.property(names, (name) => {
        const slug = makeSlug(name)
        if (slug === '') return
        expect(Slug.safeParse(slug).success, slug).toBe(true)
        expect(Array.from(slug).length).toBeLessThanOrEqual(54)
        expect(slug).toBe(slug.toLowerCase().normalize('NFC'))
        expect(makeSlug(slug)).toBe(slug)
        expect(decodeURIComponent(encodeURIComponent(slug))).toBe(slug)
      }),
      { numRuns: propertyRuns(2000) },
    )
  })

  test('case, Unicode form and more space do not matter', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' ', 'ñ', '-', '李', '9'), maxLength: 30 }), (name) => {
        const slug = makeSlug(name)
        expect(makeSlug(name.toUpperCase())).toBe(slug)
        expect(makeSlug(name.normalize('NFD'))).toBe(slug)
        expect(makeSlug(` ${name.replaceAll(' ', '  ')} `)).toBe(slug)
      }),
      { numRuns: propertyRuns(1000) },
    )
  })
})

describe('slugForUser', () => {
  test('refuses what is empty or reserved, in any spelling', () => {
    expect(slugForUser('?')).toEqual({ problem: 'SLUG_IMPOSSIBLE' })
    for (const name of ['Admin', ' API ', 'Incident Timers', 'incident-timers'])
      expect(slugForUser(name)).toEqual({ problem: 'SLUG_RESERVED' })
    expect(slugForUser('Administrator')).toEqual({ slug: 'administrator' })
  })

  test('every reserved name that can be a slug is refused', () => {
    for (const name of RESERVED_SLUGS) expect('problem' in slugForUser(name) || makeSlug(name) !== name, name).toBe(true)
  })
})
