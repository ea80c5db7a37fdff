import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GROUND, runChart } from './run-bars.ts'

const run = (seconds: number) => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', seconds })

describe('runChart', () => {
  it('stands every bar on the ground, none above the drawing, in proportion, side by side', () => {
    const seconds = fc.integer({ min: 0, max: 400_000_000 })
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 50 }), seconds, (lengths, now) => {
        const chart = runChart(lengths.map(run), run(now))
        const most = Math.max(now, ...lengths, 1)
        for (const [index, { y, height, seconds, x }] of chart.bars.entries()) {
          expect(y + height).toBeCloseTo(GROUND)
          expect(y).toBeGreaterThanOrEqual(0)
          expect(Math.abs(height - Math.max(1, (seconds / most) * 132))).toBeLessThan(0.1)
          const next = chart.bars[index + 1]
          if (next) expect(next.x).toBeGreaterThanOrEqual(x + chart.bar)
        }
        expect(chart.lines.length).toBeLessThanOrEqual(4)
      }),
      { numRuns: propertyRuns(200) },
    )
  })

  it('marks the earlier of two longest runs, and the current one as such', () => {
    expect(runChart([run(5), run(9), run(9)], run(2)).bars.map(({ kind }) => kind)).toEqual(['run', 'record', 'run', 'current'])
  })
})
