import { stringify } from 'csv-stringify/sync'
import type { Sql } from '../../platform/database.ts'
import { makeSafe } from './formulas.ts'
import { listIncidentsFrom, type TransferredTimer } from './queries.ts'

/** Notes have up to 2,000 characters: a page stays below 2 MB. */
const PAGE = 200

async function* everyPage(sql: Sql, timerId: string) {
  let after: { occurred_at: string; id: string } | null = null
  for (;;) {
    const page: Awaited<ReturnType<typeof listIncidentsFrom>> = await listIncidentsFrom(sql, timerId, { after, limit: PAGE })
    if (page.length > 0) yield page
    after = page.at(-1) ?? null
    if (page.length < PAGE) return
  }
}

/** The JSON file of a timer (`TimerFile`), piece by piece. */
export async function* writeJson(sql: Sql, { id, exported_at, ...timer }: TransferredTimer): AsyncGenerator<string> {
  yield `{"format":1,"exported_at":${JSON.stringify(exported_at)},"timer":${JSON.stringify(timer)},"incidents":[\n`
  let separator = ''
  for await (const page of everyPage(sql, id)) {
    yield separator + page.map(({ id: _, ...incident }) => JSON.stringify(incident)).join(',\n')
    separator = ',\n'
  }
  yield '\n]}\n'
}

/** A timer as CSV (RFC 4180), piece by piece: with a mark by which spreadsheets know UTF-8, and without a cell that they would run. */
export async function* writeCsv(sql: Sql, timer: TransferredTimer): AsyncGenerator<string> {
  const lines = (rows: string[][]) => stringify(rows, { record_delimiter: 'windows' })
  yield `\ufeff${lines([
    ['kind', 'occurred_at', 'notes', 'corrected_at'],
    ['start', timer.started_at, '', ''],
  ])}`
  for await (const page of everyPage(sql, timer.id))
    yield lines(page.map((row) => ['incident', row.occurred_at, makeSafe(row.notes ?? ''), row.corrected_at ?? '']))
}
