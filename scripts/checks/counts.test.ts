import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addCounts, countPlaywright, countReport, countVitest, describeCounts } from './counts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-counts-'))
})
afterAll(() => rm(folder, { recursive: true }))

const report = (numPassedTests: number, numFailedTests: number, testResults: object[] = []) => {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, JSON.stringify({ numPassedTests, numFailedTests, numPendingTests: 0, numTodoTests: 0, testResults }))
  return file
}

describe('the count of a step', () => {
  it('is what its runner reports', async () => {
    expect(await countReport(report(3, 0), true, countVitest)).toEqual({ passed: 3, failed: 0, skipped: 0 })
    expect(await countReport(report(3, 2), false, countVitest)).toEqual({ passed: 3, failed: 2, skipped: 0 })
  })

  it('has a failure for a test file that does not load', async () => {
    const file = report(3, 0, [{ status: 'failed', assertionResults: [] }])
    expect(await countReport(file, false, countVitest)).toMatchObject({ passed: 3, failed: 1 })
  })

  it('has a failure when the runner crashed, ran nothing, or ended badly without a failed test', async () => {
    expect(await countReport(path.join(folder, 'missing.json'), true, countVitest)).toMatchObject({ failed: 1 })
    expect(await countReport(report(0, 0), true, countVitest)).toMatchObject({ failed: 1 })
    expect(await countReport(report(3, 0), false, countVitest)).toMatchObject({ failed: 1 })
  })

  it('takes a flaky browser test and an error outside the tests for failures', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }
    expect(countPlaywright({ stats, errors: [{}] })).toEqual({ passed: 5, failed: 3, skipped: 2 })
  })
})

describe('the last line', () => {
  it('sums the steps and names what was skipped only where something was', () => {
    const sum = addCounts([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 40, failed: 2, skipped: 0 },
    ])
    expect(describeCounts(sum)).toBe('41 passed, 2 failed')
    expect(describeCounts({ ...sum, skipped: 3 })).toBe('41 passed, 2 failed, 3 skipped')
  })
})
