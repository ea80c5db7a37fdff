import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expiredBackups } from './retention.ts'

const NOW = new Date('2026-11-24T03:30:00Z')
const DAY = 86_400_000

const backup = (name: string, daysAgo: number, isProved = false) => ({
  name,
  madeAt: new Date(NOW.getTime() - daysAgo * DAY),
  provedAt: isProved ? NOW : null,
})

describe('expiredBackups', () => {
  it('lets go what is older than the days, and nothing else', () => {
    const backups = [backup('new', 0, true), backup('edge', 14, true), backup('old', 14.01, true)]
    expect(expiredBackups(backups, 14, NOW)).toEqual(['old'])
  })

  it('keeps the newest proved one however old it is, and the newest while none is proved', () => {
    const backups = [backup('failing', 1), backup('proved', 100, true), backup('older', 101, true)]
    expect(expiredBackups(backups, 14, NOW)).toEqual(['older'])
    expect(expiredBackups([backup('a', 50), backup('b', 60)], 14, NOW)).toEqual(['b'])
    expect(expiredBackups([], 14, NOW)).toEqual([])
  })

  it('holds its promises for any set of backups', () => {
    const runs = Number(process.env.FC_RUNS ?? 500)
    const anyBackup = fc.record({ daysAgo: fc.double({ min: -2, max: 400, noNaN: true }), isProved: fc.boolean() })
    fc.assert(
      fc.property(fc.array(anyBackup, { maxLength: 40 }), fc.integer({ min: 1, max: 365 }), (kinds, days) => {
        const backups = kinds.map(({ daysAgo, isProved }, index) => backup(String(index), daysAgo, isProved))
        const gone = expiredBackups(backups, days, NOW)
        const left = backups.filter(({ name }) => !gone.includes(name))
        const newest = (found: typeof backups) => Math.max(...found.map(({ madeAt }) => madeAt.getTime()))
        // Nothing young goes.
        for (const { name, madeAt } of backups)
          if (madeAt.getTime() >= NOW.getTime() - days * DAY) expect(gone).not.toContain(name)
        // The newest proved one stays; while none is proved, the newest.
        const proved = backups.filter(({ provedAt }) => provedAt !== null)
        if (proved.length > 0) expect(newest(left.filter(({ provedAt }) => provedAt !== null))).toBe(newest(proved))
        else if (backups.length > 0) expect(newest(left)).toBe(newest(backups))
        // Of a deleted person nothing is left in any other one after those days.
        expect(left.filter(({ madeAt }) => madeAt.getTime() < NOW.getTime() - days * DAY).length).toBeLessThanOrEqual(1)
        // Another night changes nothing.
        expect(expiredBackups(left, days, NOW)).toEqual([])
      }),
      { numRuns: runs },
    )
  })
})
