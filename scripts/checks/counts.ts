import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** How many tests a step ran, and what came of them. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
  /** A line for each failure, for the end of the run: the test and the first words of its error. Empty where no report names them. */
  failures?: string[]
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    name?: string
    message?: string
    status: string
    assertionResults: { status: string; fullName?: string; failureMessages?: string[] }[]
  }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  errors: { message?: string }[]
  suites?: PlaywrightSuite[]
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[]
  specs?: { title: string; file: string; ok: boolean; tests: { status: string; results: { error?: { message?: string } }[] }[] }[]
}

/** Counts a Vitest JSON report. A file that could not be loaded has no tests and is one failure. */
export function countVitest(report: VitestReport): Counts {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failures = report.testResults.flatMap(({ name = '', assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName = '', failureMessages }) => nameFailure(`${path.basename(name)} › ${fullName}`, failureMessages?.[0])),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [...failures, ...broken.map(({ name = '', message }) => nameFailure(path.basename(name), message))],
  }
}

/** Counts a Playwright JSON report. A test that passed only when repeated has failed. */
export function countPlaywright({ stats, errors, suites = [] }: PlaywrightReport): Counts {
  const failures = [...suites.flatMap(failuresOf), ...errors.map(({ message }) => nameFailure('outside the tests', message))]
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped, failures }
}

function failuresOf({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => nameFailure(`${file} › ${title}`, results.find(({ error }) => error !== undefined)?.error?.message)),
  )
  return [...own, ...suites.flatMap(failuresOf)]
}

/** The test and the first line of its error, without colours. */
function nameFailure(test: string, message = ''): string {
  const [line = ''] = stripVTControlCharacters(message).trim().split('\n')
  return line === '' ? test : `${test}: ${line.slice(0, 200)}`
}

/**
 * The counts of a step whose runner wrote a report. A run that crashed, executed no test, or ended badly although no test
 * failed, counts as one failure: silence is no success.
 */
export async function countReport(file: string, ok: boolean, count: (report: never) => Counts): Promise<Counts> {
  let counts: Counts
  try {
    counts = count(JSON.parse(await readFile(file, 'utf8')) as never)
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const isSuspect = counts.failed === 0 && (!ok || counts.passed === 0)
  return isSuspect ? { ...counts, failed: 1 } : counts
}

export function addCounts(all: Counts[]): Counts {
  return all.reduce(
    (sum, one) => ({ passed: sum.passed + one.passed, failed: sum.failed + one.failed, skipped: sum.skipped + one.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

/** `12 passed, 0 failed`, and what was skipped where anything was. */
export function describeCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}
