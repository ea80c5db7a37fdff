import type postgres from 'postgres'
import { quoteName } from '../environment.ts'
import { OperatorError } from '../operator-error.ts'

type Sql = postgres.Sql | postgres.TransactionSql

/** Written by the migrations themselves: a restore migrates, so this one is made and never loaded. */
export const VERSION_TABLE = 'schemaversion'

/** A table as a backup knows it. */
export interface Table {
  name: string
  /** In the order of their numbers, without those that PostgreSQL computes. */
  columns: string[]
  /** The primary key as an `order by` that is the same on every server, whatever its collation. */
  orderBy: string
}

/** Where a sequence stands. */
export interface Sequence {
  name: string
  /** A 64-bit number as text. */
  last_value: string
  is_called: boolean
}

/** The version of the schema, 0 where there is none. */
export async function readSchemaVersion(sql: Sql): Promise<number> {
  const [found] = await sql<{ there: boolean }[]>`select to_regclass('public.schemaversion') is not null as there`
  if (!found?.there) return 0
  const [row] = await sql<{ version: number }[]>`select coalesce(max(version), 0)::int as version from schemaversion`
  return row?.version ?? 0
}

/** The names of all tables, of ours or not, without those of extensions. */
export async function listAllTables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    order by c.relname collate "C"
  `
  return rows.map(({ name }) => name)
}

/**
 * The tables of the schema, each after those that its foreign keys point at, without those of extensions and the table of
 * versions. Throws `OperatorError` for a table without a primary key and for foreign keys in a circle.
 */
export async function listTables(sql: Sql): Promise<Table[]> {
  const tables = await sql<{ name: string; columns: string[]; key: { name: string; is_text: boolean }[] }[]>`
    select c.relname as name,
      (
        select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      ) as columns,
      (
        select coalesce(json_agg(json_build_object('name', a.attname, 'is_text', a.attcollation <> 0) order by k.position), '[]')
        from pg_constraint p
        cross join unnest(p.conkey) with ordinality as k (attnum, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
        where p.conrelid = c.oid and p.contype = 'p'
      ) as key
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> ${VERSION_TABLE}
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    order by c.relname collate "C"
  `
  const pointers = await sql<{ from: string; to: string }[]>`
    select c.relname as from, p.relname as to
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conrelid <> k.confrelid
  `
  const described = tables.map(({ name, columns, key }) => {
    if (key.length === 0) throw new OperatorError(`The table ${name} has no primary key, so it cannot be backed up.`)
    const orderBy = key.map((column) => `${quoteName(column.name)}${column.is_text ? ' collate "C"' : ''}`).join(', ')
    return { name, columns, orderBy }
  })
  return inOrderOfForeignKeys(described, [...pointers])
}

/** Puts each table after those it points at; those that are free to stand anywhere keep their order. */
export function inOrderOfForeignKeys<T extends { name: string }>(tables: T[], pointers: { from: string; to: string }[]): T[] {
  const placed: T[] = []
  const left = new Set(tables)
  while (left.size > 0) {
    const waiting = new Set([...left].map(({ name }) => name))
    const next = [...left].find(({ name }) => !pointers.some(({ from, to }) => from === name && waiting.has(to)))
    if (next === undefined) throw new OperatorError(`The foreign keys of ${[...waiting].join(', ')} point in a circle.`)
    placed.push(next)
    left.delete(next)
  }
  return placed
}

/** The sequences of the schema, those of identity columns included. */
export async function listSequences(sql: Sql): Promise<Sequence[]> {
  const names = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    order by c.relname collate "C"
  `
  const found: Sequence[] = []
  for (const { name } of names) {
    const [row] = await sql.unsafe<Omit<Sequence, 'name'>[]>(
      `select last_value::text as last_value, is_called from ${quoteName(name)}`,
    )
    if (row !== undefined) found.push({ name, ...row })
  }
  return found
}

/** The incident that happened last, whose time is text with its microseconds; null where there is none. */
export async function findNewestIncident(sql: Sql): Promise<{ id: string; occurred_at: string } | null> {
  const [found] = await sql<{ there: boolean }[]>`select to_regclass('public.incidents') is not null as there`
  if (!found?.there) return null
  const [row] = await sql<{ id: string; occurred_at: string }[]>`
    select id, occurred_at::text as occurred_at from incidents order by incidents.occurred_at desc, id desc limit 1
  `
  return row ?? null
}
