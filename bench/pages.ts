import { BROWSER_ARGS } from '../e2e/harness/browser-args.ts'
import { measurePage } from '../e2e/harness/lighthouse.ts'
import type { Place } from './rows.ts'
import { drawTable, spreadOf } from './table.ts'

/** Of each page. */
const RUNS = 5
/** What is promised of a page on Lighthouse's slow line: its score, of 100, and milliseconds until the largest paint. */
const PROMISE = { performance: 100, largest: 1_200 }

const AUDITS = {
  first: 'first-contentful-paint',
  largest: 'largest-contentful-paint',
  blocked: 'total-blocking-time',
} as const

/** One run of a page: its score of 100, and milliseconds. */
type PageRun = { performance: number } & Record<keyof typeof AUDITS, number>

/** Each page so many times, in turns. A run in which Lighthouse has no score is a failure of the measure and is made anew, once. */
export async function measurePages({ nginx, path }: Place, chromium: string): Promise<Record<string, PageRun[]>> {
  const pages = { home: '/', 'sign-in': '/login', 'public timer': path }
  const found: Record<string, PageRun[]> = {}
  for (let run = 0; run < RUNS; run++)
    for (const [name, address] of Object.entries(pages))
      (found[name] ??= []).push(
        (await measureOnce(nginx + address, chromium)) ?? (await measureOnce(nginx + address, chromium)) ?? NO_RUN,
      )
  return found
}
const NO_RUN: PageRun = { performance: NaN, first: NaN, largest: NaN, blocked: NaN }

async function measureOnce(url: string, executablePath: string): Promise<PageRun | null> {
  const { categories, audits } = await measurePage(url, { executablePath, args: BROWSER_ARGS })
  const score = categories['performance']?.score
  if (typeof score !== 'number') return null
  const times = Object.entries(AUDITS).map(([name, audit]) => [name, audits[audit]?.numericValue ?? NaN] as const)
  return { performance: Math.round(score * 100), ...(Object.fromEntries(times) as Record<keyof typeof AUDITS, number>) }
}

/** Medians, with the least and the greatest, and whether the promise is kept. */
export function describePages(found: Record<string, PageRun[]>): string {
  const rows = Object.entries(found).map(([name, runs]) => {
    const of = (what: keyof PageRun) => runs.map((run) => run[what])
    const median = (what: keyof PageRun) => spreadOf(of(what)).median
    const cell = (what: keyof PageRun) =>
      `${median(what).toFixed(0)} (${Math.min(...of(what)).toFixed(0)} to ${Math.max(...of(what)).toFixed(0)})`
    const isKept = median('performance') >= PROMISE.performance && Math.round(median('largest')) <= PROMISE.largest
    return [name, cell('performance'), cell('first'), cell('largest'), cell('blocked'), isKept ? 'kept' : 'not met']
  })
  return drawTable(
    ['page on a slow line', 'performance', 'first paint ms', 'largest paint ms', 'blocked ms', '100, ≤ 1200 ms'],
    rows,
  )
}
