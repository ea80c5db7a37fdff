import { describe, expect, it } from 'vitest'
import { CARELESS, drillPowerLoss } from './drills/power-loss.ts'

describe('a kill of all of PostgreSQL under eight writers', () => {
  it('L01: loses no acknowledged write in 3 rounds, and the API is back by itself within 5 s', async () => {
    const { lost, faults, acknowledged, unknown, recoveryMs } = await drillPowerLoss({ rounds: 3 })
    expect({ lost, faults }).toEqual({ lost: [], faults: [] })
    expect(acknowledged).toBeGreaterThan(100)
    expect(unknown).toBeGreaterThanOrEqual(3)
    expect(recoveryMs).toBeLessThan(5_000)
  })

  it('L03: is seen to lose them where the server answers before it writes', async () => {
    const { lost } = await drillPowerLoss({ rounds: 5, databaseSettings: CARELESS, untilLoss: true })
    expect(lost.length).toBeGreaterThan(0)
  })
})
