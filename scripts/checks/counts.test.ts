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
    expect(await countReport(report(3, 0), true, countVitest)).toEqual({ passed: 3, failed: 0, skipped: 0, failures: [] })
    expect(await countReport(report(3, 2), false, countVitest)).toEqual({ passed: 3, failed: 2, skipped: 0, failures: [] })
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
    expect(countPlaywright({ stats, errors: [{}] })).toEqual({
      passed: 5,
      failed: 3,
      skipped: 2,
      failures: ['outside the tests'],
    })
  })
})

describe('the failures at the end of a run', () => {
  it('name the test and the first line of its error', () => {
    const failed = { status: 'failed', fullName: 'a sum is right', failureMessages: ['Error: 3, not 4\n    at x.ts:1'] }
    const files = [
      { name: '/site/a.test.ts', status: 'failed', assertionResults: [failed, { ...failed, status: 'passed' }] },
      { name: '/site/b.test.ts', status: 'failed', message: 'cannot be loaded', assertionResults: [] },
    ]
    const counted = countVitest({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: files })
    expect(counted.failures).toEqual(['a.test.ts › a sum is right: Error: 3, not 4', 'b.test.ts: cannot be loaded'])
  })

  it('do so for browser tests in suites of suites, without colours', () => {
    const result = { error: { message: '\u001b[31mError: not there\u001b[39m\nmore' } }
    const spec = (title: string, status: string) => ({
      title,
      file: 'a.spec.ts',
      ok: status === 'expected',
      tests: [{ status, results: [result] }],
    })
    const suites = [
      { suites: [{ specs: [spec('fails', 'unexpected'), spec('passes', 'expected')] }], specs: [spec('is flaky', 'flaky')] },
    ]
    const stats = { expected: 1, unexpected: 1, flaky: 1, skipped: 0 }
    expect(countPlaywright({ stats, errors: [], suites }).failures).toEqual([
      'a.spec.ts › is flaky: Error: not there',
      'a.spec.ts › fails: Error: not there',
    ])
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
