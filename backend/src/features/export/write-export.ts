import type { Sql } from '../../platform/database.ts'
import {
  FIRST,
  listExportedEvents,
  listExportedExclusions,
  listExportedIncidents,
  listExportedLinks,
  listExportedRevisions,
  listExportedSessions,
  listExportedSlugs,
  listExportedSuggestions,
  listExportedTimers,
  type findExportedAccount,
  type Rows,
} from './queries.ts'

/** Notes have up to 2,000 characters: a page stays below 2 MB. */
const PAGE = 200

/**
 * The JSON text of an export (`AccountExport` in the contract) piece by piece, read by pages: however long a history is, only a page of
 * it is in memory. A feature that keeps something about a user adds its part here, and in the contract.
 */
export async function* writeExport(
  sql: Sql,
  { exported_at, ...account }: NonNullable<Awaited<ReturnType<typeof findExportedAccount>>>,
): AsyncGenerator<string> {
  yield `{"format":1,"exported_at":${JSON.stringify(exported_at)},"account":${JSON.stringify(account)}`
  yield `,"former_slugs":${JSON.stringify(await listExportedSlugs(sql, account.id))}`
  yield* writeList('sessions', (rows) => listExportedSessions(sql, account.id, rows))
  yield* writeList('security_events', (rows) => listExportedEvents(sql, account.id, rows))
  yield ',"timers":['
  let separator = ''
  for await (const timer of everyRow((rows) => listExportedTimers(sql, account.id, rows))) {
    yield `${separator}${JSON.stringify(timer).slice(0, -1)}`
    yield* writeList('incidents', (rows) => listExportedIncidents(sql, timer.id, rows))
    yield* writeList('revisions', (rows) => listExportedRevisions(sql, timer.id, rows))
    yield* writeList('links', (rows) => listExportedLinks(sql, timer.id, rows))
    yield '}'
    separator = ',\n'
  }
  yield ']'
  yield* writeList('phrase_suggestions', (rows) => listExportedSuggestions(sql, account.id, rows))
  yield* writeList('excluded_phrases', (rows) => listExportedExclusions(sql, account.id, rows))
  yield '}\n'
}

type ReadPage<Row> = (rows: Rows) => Promise<Row[]>

async function* everyPage<Row extends { id: string }>(read: ReadPage<Row>): AsyncGenerator<Row[]> {
  let after = FIRST
  for (;;) {
    const page = await read({ after, limit: PAGE })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.id
  }
}

async function* everyRow<Row extends { id: string }>(read: ReadPage<Row>): AsyncGenerator<Row> {
  for await (const page of everyPage(read)) yield* page
}

async function* writeList<Row extends { id: string }>(name: string, read: ReadPage<Row>): AsyncGenerator<string> {
  yield `,"${name}":[`
  let separator = ''
  for await (const page of everyPage(read)) {
    yield separator + page.map((row) => JSON.stringify(row)).join(',\n')
    separator = ',\n'
  }
  yield ']'
}
