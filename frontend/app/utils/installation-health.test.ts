import { describe, expect, it } from 'vitest'
import { byteSize, conditionsOf } from './installation-health.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z')
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString()
const run = (hours: number, succeeded = true) => ({ succeeded, finished_at: at(hours) })
const well = { backup: run(-9), proof: run(-9), certificate: { expires_at: at(60 * 24) }, server_time: at(0) }
const told = (change: object) =>
  conditionsOf({ ...well, ...change }).map(({ name, isWell, text }) => `${isWell ? '+' : '-'} ${name}: ${text}`)

describe('conditionsOf', () => {
  it('is well with a backup of the night, one that was proved, and a certificate of two months', () => {
    expect(told({})).toEqual(['+ Last backup: 9 h ago', '+ Last backup proved: 9 h ago', '+ Certificate: Good for 60 d'])
  })

  it('wants a look where there is none, one failed, or one is old', () => {
    expect(told({ backup: null, proof: null }).slice(0, 2)).toEqual([
      '- Last backup: None yet: “npm run backup” makes one now',
      '- Last backup proved: None was restored and compared yet',
    ])
    expect(told({ backup: run(-2, false) })[0]).toBe('- Last backup: The last one failed, 2 h ago: its reason is in the log')
    expect(told({ backup: run(-27) })[0]).toBe('- Last backup: 1 d ago: there should be one every night')
    expect(told({ backup: run(-26) })[0]).toMatch(/^\+/)
  })

  it('knows a certificate that ends soon, has ended, cannot be seen, or is not watched', () => {
    expect(told({ certificate: { expires_at: at(14 * 24) } })[2]).toBe(
      '- Certificate: Good for 14 d: it should have been renewed by now',
    )
    expect(told({ certificate: { expires_at: at(-1) } })[2]).toBe('- Certificate: It has ended: browsers warn of this site')
    expect(told({ certificate: { expires_at: null } })[2]).toBe('- Certificate: It could not be seen just now')
    expect(told({ certificate: null })).toHaveLength(2)
  })
})

describe('byteSize', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 KB'],
    [12_345_678, '12 MB'],
    [9_940_000, '9.9 MB'],
    [1_500_000_000, '1.5 GB'],
    [7e15, '7000 TB'],
  ])('%d is %s', (bytes, size) => {
    expect(byteSize(bytes)).toBe(size)
  })
})
