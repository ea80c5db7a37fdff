import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { databaseOf } from '../environment.ts'

/** What text may hold and what has broken copies of text before. */
export const ODD_TEXTS = [
  'plain',
  '\\N',
  '\\.',
  '\\\\ \\n \\t \\x41 \\101',
  'tab\tline\nreturn\rvertical\vform\fback\bbell\u0007escape\u001bdelete\u007f',
  '\r\n',
  'quotes \' " ` $$ $1 ; -- /* */',
  '{1,2,NULL} (a,b) <xml/> {"json": [null]}',
  'NULL',
  ' leading and trailing ',
  'ümläut ß İı ﷺ 日本語 \u202eright to left\u202c zero\u200bwidth',
  'e\u0301 is not é',
  'four bytes 🏔️👩‍👩‍👧‍👦 \u{10ffff}',
  '\ufeffmark',
  '\u2028\u2029\u0085',
  'x'.repeat(2000),
]

/** A password of "a quiet day in the north" as the API keeps it; hashes must come back to the letter. */
export const PASSWORD_HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$Qk1tQk1tQk1tQk1tQk1tQk1tQk1tQk1tQk1tQk1tQk0'

/** Puts an account with every kind of value into a migrated database. Some tables stay empty. */
export async function fillDatabase(ownerUrl: string): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined })
  /** The schema may be an older one. */
  const has = async (table: string) => (await sql`select where to_regclass(${table}) is not null`).length > 0
  try {
    const [user] = await sql<{ id: string }[]>`
      insert into users (email, display_name, slug, password_hash, created_at)
      values ('Ada.Lovelace+Tag@Example.org', 'Ada "the first"', 'ada', ${PASSWORD_HASH}, '1999-12-31 23:59:59.999999+00')
      returning id`
    const owner = user?.id ?? ''
    await sql`insert into user_roles (user_id, role_id) select ${owner}, id from roles`
    const [timer] = await sql<{ id: string }[]>`
      insert into timers (user_id, slug, is_default, title, started_at, revision)
      values (${owner}, 'incident-timer', true, ${ODD_TEXTS[4] ?? ''}, '1000-01-01 00:00:00.000001+00', 41)
      returning id`
    for (const [index, notes] of [...ODD_TEXTS, null].entries()) {
      await sql`
        insert into incidents (timer_id, occurred_at, notes)
        values (${timer?.id ?? ''}, timestamptz '2020-02-29 12:00:00.123456+00' + make_interval(secs => ${index}), ${notes})`
    }
    await sql`
      insert into sessions (user_id, family_hash, current_hash, expires_at, absolute_expires_at, user_agent)
      values (${owner}, ${Buffer.from(Array.from({ length: 32 }, (_, byte) => byte))}, ${Buffer.alloc(32, 0xff)}, now(), now(), '')`
    if (await has('secret_links')) {
      await sql`
        insert into secret_links (timer_id, secret_hash, share_level, expires_at)
        values (${timer?.id ?? ''}, ${Buffer.from(Array.from({ length: 32 }, (_, byte) => 255 - byte))}, 'notes', 'infinity')`
    }
    if (await has('phrases')) {
      const [phrase] = await sql<{ id: string }[]>`
        insert into phrases (phrase_text, mood, active, created_by)
        values (${ODD_TEXTS[12] ?? ''}, 'milestone', false, ${owner})
        returning id`
      await sql`insert into user_excluded_phrases (user_id, phrase_id) values (${owner}, ${phrase?.id ?? ''})`
      await sql`
        insert into phrase_suggestions (user_id, phrase_text, status, admin_id, admin_reason, decided_at, phrase_id)
        values (${owner}, ${ODD_TEXTS[10] ?? ''}, 'approved', ${owner}, ${ODD_TEXTS[4] ?? ''}, now(), ${phrase?.id ?? ''})`
    }
    await sql`insert into auth_throttle (scope, key, window_ends_at) values ('account', 'Z', now()), ('account', 'a', 'infinity')`
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const made: string[] = []
afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true })
})

/** A new folder for backups that does not exist yet, inside one that does; gone after the test file. */
export async function newBackupFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kw-backups-'))
  made.push(folder)
  return path.join(folder, 'backups')
}

/** Runs `work` in a session of its own. */
export async function inDatabase<Result>(url: string, work: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** All rows of all tables, as text; with `columns` only those of a table that are named there, so that an older schema can be compared. */
export async function readEverything(url: string, columns: Record<string, string[]> = {}): Promise<Record<string, string[]>> {
  return inDatabase(url, async (sql) => {
    const found: Record<string, string[]> = {}
    for (const name of Object.keys(await listColumns(url))) {
      const row = columns[name] === undefined ? 't' : `row(${columns[name].map((column) => `t."${column}"`).join(', ')})`
      const rows = await sql.unsafe<{ row: string }[]>(
        `select ${row}::text as row from "${name}" t order by ${row}::text collate "C"`,
      )
      found[name] = rows.map(({ row }) => row)
    }
    return found
  })
}

/** The columns of every table, in their order. */
export async function listColumns(url: string): Promise<Record<string, string[]>> {
  const tables = await inDatabase(
    url,
    (sql) => sql<{ name: string; columns: string[] }[]>`
      select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'schemaversion'
      group by c.relname order by c.relname`,
  )
  return Object.fromEntries(tables.map(({ name, columns }) => [name, columns]))
}

/** Which databases the server has that a proof or restore of this one may leave. */
export async function leftOvers(superuserUrl: string, ownerUrl: string): Promise<string[]> {
  const mark = createHash('sha256').update(databaseOf(ownerUrl)).digest('hex').slice(0, 12)
  const rows = await inDatabase(
    superuserUrl,
    (sql) => sql<{ name: string }[]>`select datname as name from pg_database where datname like ${`%${mark}%`}`,
  )
  return rows.map(({ name }) => name)
}
