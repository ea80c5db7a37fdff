import postgres from 'postgres'
import { migrate } from '@kennwilliamson/database/migrate'

/**
 * Types that text parameters may become. The driver sends text without a type and the server infers one; SafeQL asks about the
 * same statement with `text` written in. An implicit conversion, in this database alone, makes both come to the same answer.
 */
const FROM_TEXT = ['uuid', 'timestamptz', 'inet']

/** Makes a freshly migrated database of this name for the lint of SQL and returns its address. */
export async function createLintDatabase(superuserUrl: string, name: string): Promise<string> {
  const admin = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
  try {
    await admin.unsafe(`drop database if exists ${name} with (force)`)
    await admin.unsafe(`create database ${name}`)
  } finally {
    await admin.end()
  }
  const url = new URL(superuserUrl)
  url.pathname = `/${name}`
  await migrate({ url: url.href })
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined })
  try {
    for (const type of FROM_TEXT) await sql.unsafe(`create cast (text as ${type}) with inout as implicit`)
  } finally {
    await sql.end()
  }
  return url.href
}
