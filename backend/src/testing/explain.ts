import type postgres from 'postgres'
import type { Sql } from '../platform/database.ts'

/** A scan of a table in a plan that was carried out. */
export interface Scan {
  kind: string
  table: string | undefined
  index: string | undefined
  /** Rows that it gave, all loops together. */
  rows: number
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  Plans?: Node[]
}

/** Carries out the one statement that a query function sends, and gives the scans of its plan, with what they did (`explain analyze`). */
export async function explain(owner: postgres.Sql, run: (sql: Sql) => Promise<unknown>): Promise<Scan[]> {
  let text = ''
  let values: unknown[] = []
  const recorder = (strings: TemplateStringsArray, ...given: unknown[]) => {
    text = strings.reduce((all, part, n) => `${all}$${n}${part}`)
    values = given
    return Promise.resolve([])
  }
  // What the function makes of an answer without rows is of no interest here.
  await run(recorder as unknown as Sql).catch(() => undefined)
  const [row] = await owner.unsafe<{ 'QUERY PLAN': { Plan: Node }[] }[]>(
    `explain (analyze, format json) ${text}`,
    values as never[],
  )
  const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)]
  const nodes = row?.['QUERY PLAN'].flatMap(({ Plan }) => flat(Plan)) ?? []
  return nodes
    .filter((node) => node['Node Type'].includes('Scan') && (node['Relation Name'] ?? node['Index Name']) !== undefined)
    .map((node) => ({
      kind: node['Node Type'],
      table: node['Relation Name'],
      index: node['Index Name'],
      rows: node['Actual Rows'] * node['Actual Loops'],
    }))
}

/** Those that read a table from its beginning to its end. The one of roles has two rows. */
export const wholeTables = (scans: Scan[]): Scan[] => scans.filter(({ kind, table }) => kind === 'Seq Scan' && table !== 'roles')

/** Rows that all of them gave. */
export const rowsOf = (scans: Scan[]): number => scans.reduce((sum, { rows }) => sum + rows, 0)
