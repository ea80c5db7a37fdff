import type { Database } from '../../platform/database.ts'
import { readSiteFigures, type SiteFigures } from './queries.ts'

/** A database that takes longer is away, as far as figures go: a scrape must not hang with it. */
const PATIENCE_MS = 2_000
/** Scrapes that follow each other sooner get the same figures. */
const KEEP_MS = 5_000

/** Figures and how long the database took for them, a free connection included; null when it did not answer. */
export type FiguresNow = { figures: SiteFigures; seconds: number } | null

/**
 * A reader of the site's figures for scrapes: at most one query at a time and one each five seconds, whatever comes of it. Never
 * rejects: a database that is away is a figure of its own.
 */
export function createFigures(
  sql: Database,
  read: (sql: Database) => Promise<SiteFigures> = readSiteFigures,
): () => Promise<FiguresNow> {
  let running: Promise<FiguresNow> | null = null
  let kept: { value: FiguresNow; until: number } | null = null

  async function ask(): Promise<FiguresNow> {
    const began = performance.now()
    try {
      const figures = await read(sql)
      return { figures, seconds: (performance.now() - began) / 1000 }
    } catch {
      return null
    }
  }

  return async () => {
    if (kept && kept.until > performance.now()) return kept.value
    // One that got stuck is waited for by later scrapes too, so that no second connection gets stuck with it.
    running ??= ask().finally(() => (running = null))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, null)
    })
    const value = await Promise.race([running, late])
    clearTimeout(timer)
    kept = { value, until: performance.now() + KEEP_MS }
    return value
  }
}
