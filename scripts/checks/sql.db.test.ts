import { ESLint } from 'eslint'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { createLintDatabase } from './lint-database.ts'
import { ROOT } from './project-root.ts'

/** Lints a text as if it were the queries of the timers, with the rules of the project. */
let lint: (text: string) => Promise<string[]>

beforeAll(async () => {
  process.env.SAFEQL_DATABASE_URL = await createLintDatabase(inject('superuserUrl'), 'kennwilliamson_lint_controls')
  const eslint = new ESLint({ cwd: ROOT })
  lint = async (text) => {
    const [result] = await eslint.lintText(`import type { Sql } from '../../platform/database.ts'\n${text}`, {
      filePath: `${ROOT}/backend/src/features/timers/queries.ts`,
    })
    return result!.messages.map(({ message }) => message)
  }
})

const query = (row: string, statement: string) =>
  `export const q = (sql: Sql, x: string, n: number) => sql<${row}[]>\`${statement}\`; export default [q]`

// ESLint with types, which takes seconds by itself.
describe('the lint of SQL', { timeout: 90_000 }, () => {
  it('accepts what is right', async () => {
    expect(
      await lint(
        query('{ id: string; archived_at: string | null }', 'select id, archived_at from timers where id = ${x} limit ${n}'),
      ),
    ).toEqual([])
  })

  it.each([
    [
      'a wrong column',
      query('{ id: string }', 'select idd from timers where id = ${x} limit ${n}'),
      /column "idd" does not exist/,
    ],
    [
      'a wrong table',
      query('{ id: string }', 'select id from timer where id = ${x} limit ${n}'),
      /relation "timer" does not exist/,
    ],
    [
      'a parameter of a wrong type',
      query('{ id: string }', 'select id from timers where id = ${n} and slug = ${x}'),
      /uuid = integer/,
    ],
    [
      'a wrong row type',
      query('{ id: number }', 'select id from timers where id = ${x} limit ${n}'),
      /column id is string but declared number/,
    ],
    [
      'a forgotten null',
      query('{ archived_at: string }', 'select archived_at from timers where id = ${x} limit ${n}'),
      /string \| null but declared/,
    ],
    [
      'a column that is not declared',
      query('{ id: string }', 'select id, slug from timers where id = ${x} limit ${n}'),
      /slug .* not declared/,
    ],
    ['a handle of another name', 'export const q = (tx: Sql) => tx`select idd from timers`', /always called `sql`/],
    ['sql.unsafe', "export const q = (sql: Sql) => sql.unsafe('select idd from timers')", /No sql.unsafe/],
  ])('refuses %s', async (_, text, expected) => {
    expect((await lint(text)).join('\n')).toMatch(expected)
  })
})
