import type { Sql } from '../../platform/database.ts'

/** The version of the schema in the database. Fails when there is none, or no database. */
export async function readSchemaVersion(sql: Sql): Promise<number> {
  const [row] = await sql<{ version: number }[]>`select coalesce(max(version), 0) as version from schemaversion`
  return row?.version ?? 0
}

/** Fails unless the database answers. */
export async function ping(sql: Sql): Promise<void> {
  await sql<{ one: number }[]>`select 1 as one`
}
