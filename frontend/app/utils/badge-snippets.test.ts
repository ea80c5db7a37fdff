import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { describe, expect, test } from 'vitest'
import { badgeSnippets } from './badge-snippets.ts'

const URL = 'https://kenn.example/ada/incident-timer'

describe('badgeSnippets', () => {
  test('lead to the page and show its badge', () => {
    expect(badgeSnippets(URL, 'Days dry')).toEqual({
      markdown: `[![Days dry](${URL}/badge.svg)](${URL})`,
      html: `<a href="${URL}"><img src="${URL}/badge.svg" alt="Days dry"></a>`,
    })
  })

  test('I02: no title ends its place', () => {
    const { markdown, html } = badgeSnippets(URL, '](//evil.example) "><script>`*😀*`\n# x')
    expect(html).toContain('alt="](//evil.example) &quot;&gt;&lt;script&gt;`*😀*`\n# x"')
    expect(markdown).toContain('\\]\\(\\/\\/evil\\.example\\) \\"\\>\\<script\\>\\`\\*😀\\*\\` \\# x]')
  })

  test('I02: every title comes back whole, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (title) => {
        const { markdown, html } = badgeSnippets(URL, title)
        const alt = /^<a href="[^"<>]+"><img src="[^"<>]+" alt="([^"<>]*)"><\/a>$/.exec(html)?.[1]
        const signs: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
        expect(alt?.replace(/&([^;]+);/g, (_, name: string) => signs[name] ?? '')).toBe(title)
        const text = /^\[!\[((?:\\.|[^\\[\]\n])*)\]\(/u.exec(markdown)?.[1]
        expect(text?.replace(/\\(.)/gu, '$1')).toBe(title.replace(/\s+/g, ' '))
      }),
      { numRuns: propertyRuns(300) },
    )
  })
})
