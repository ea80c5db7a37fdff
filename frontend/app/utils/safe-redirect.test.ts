import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeRedirect } from './safe-redirect.ts'

describe('safeRedirect', () => {
  it.each(['/incidents', '/ada/incident-timer', '/incidents?tab=controls#history', '/%C3%A9/x'])('goes to %s', (path) => {
    expect(safeRedirect(path)).toBe(path)
  })

  it.each([
    undefined,
    null,
    '',
    ['/a', '/b'],
    'incidents',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/a\\b',
  ])('goes to the dashboard instead of %j', (asked) => {
    expect(safeRedirect(asked)).toBe('/incidents')
  })

  it('never leaves the site, as a browser reads addresses', () => {
    const nasty = fc.array(
      fc.constantFrom('/', '\\', '.', '..', '\t', '\n', '%2f', '%5c', '@', ':', '?', '#', 'evil.example', 'http'),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          nasty.map((parts) => parts.join('')),
          nasty.map((parts) => `/${parts.join('')}`),
          fc.string(),
        ),
        (asked) => {
          const target = safeRedirect(asked)
          expect(new URL(target, 'https://site.example/login').origin).toBe('https://site.example')
          expect(target.startsWith('/') && !target.startsWith('//')).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })
})
