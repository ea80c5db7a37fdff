import { OperatorError } from '../operator-error.ts'
import type { Sequence } from './schema.ts'
import type { TableDigest } from './table-contents.ts'

/** How the rows are kept: `custom` is one archive of pg_dump, `tables` one compressed COPY text for each table. */
export const FORMATS = ['custom', 'tables'] as const
export type Format = (typeof FORMATS)[number]

/** The only form of `manifest.json` so far. */
const MANIFEST_VERSION = 1

/** What a backup says about itself, in `manifest.json`. */
export interface Manifest {
  manifest_version: number
  format: Format
  schema_version: number
  /** RFC 3339, UTC: the moment whose state it holds. */
  created_at: string
  postgres_version: string
  /** In an order in which they can be loaded. */
  tables: TableDigest[]
  sequences: Sequence[]
  newest_incident: { id: string; occurred_at: string } | null
  /** Of the files that hold the rows. */
  bytes: number
}

/** The file that holds the rows of a table in the format `tables`. */
export function tableFile(table: string): string {
  return `${table}.copy.gz`
}

/** The file of the format `custom`. */
export const ARCHIVE = 'database.dump'

/** Which files hold the rows. */
export function dataFiles({ format, tables }: Pick<Manifest, 'format' | 'tables'>): string[] {
  return format === 'custom' ? [ARCHIVE] : tables.map(({ name }) => tableFile(name))
}

/** The text of `manifest.json`. */
export function writeManifest(parts: Omit<Manifest, 'manifest_version'>): string {
  return `${JSON.stringify({ manifest_version: MANIFEST_VERSION, ...parts }, null, 2)}\n`
}

/** Reads `manifest.json`; throws `OperatorError` for anything that is not wholly one. */
export function parseManifest(text: string): Manifest {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw new OperatorError('manifest.json is no JSON')
  }
  if (isRecord(found) && typeof found['manifest_version'] === 'number' && found['manifest_version'] > MANIFEST_VERSION)
    throw new OperatorError('the backup was made by a newer release, whose manifest this one cannot read')
  if (!isManifest(found)) throw new OperatorError('manifest.json is not what a backup writes')
  return found
}

function isManifest(found: unknown): found is Manifest {
  if (!isRecord(found)) return false
  const { manifest_version, format, schema_version, created_at, postgres_version, tables, sequences, newest_incident, bytes } =
    found
  return (
    manifest_version === MANIFEST_VERSION &&
    FORMATS.some((known) => known === format) &&
    isCount(schema_version) &&
    schema_version > 0 &&
    typeof created_at === 'string' &&
    !Number.isNaN(Date.parse(created_at)) &&
    typeof postgres_version === 'string' &&
    isCount(bytes) &&
    Array.isArray(tables) &&
    tables.every(isTableDigest) &&
    Array.isArray(sequences) &&
    sequences.every(isSequence) &&
    (newest_incident === null || isIncident(newest_incident))
  )
}

function isTableDigest(found: unknown): found is TableDigest {
  return (
    isRecord(found) &&
    isName(found['name']) &&
    Array.isArray(found['columns']) &&
    found['columns'].every((column) => typeof column === 'string') &&
    isCount(found['rows']) &&
    /^[0-9a-f]{64}$/.test(String(found['sha256']))
  )
}

function isSequence(found: unknown): found is Sequence {
  return (
    isRecord(found) &&
    isName(found['name']) &&
    /^-?\d{1,19}$/.test(String(found['last_value'])) &&
    typeof found['is_called'] === 'boolean'
  )
}

function isIncident(found: unknown): boolean {
  return isRecord(found) && typeof found['id'] === 'string' && typeof found['occurred_at'] === 'string'
}

/** A name becomes a file's name, so it may lead nowhere else. */
function isName(found: unknown): boolean {
  return typeof found === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(found)
}

function isCount(found: unknown): found is number {
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null && !Array.isArray(found)
}
