import postgres from 'postgres'

/** What may differ between ways to run the database: whether its log can be archived, and whether it is. */
export interface Expected {
  wal_level: 'minimal' | 'replica'
  archive_mode: 'on' | 'off'
}

/** Without one of these, a crash of the server or of the machine loses what was acknowledged, or spoils it unnoticed. */
const ALWAYS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  data_checksums: 'on',
  ignore_checksum_failure: 'off',
  zero_damaged_pages: 'off',
} as const

/**
 * Asks a running server whether it keeps what it acknowledges (hardening L04), as the role of `url` sees it: one sentence for
 * each setting that is not as it must be, also where it is only so for another role or database.
 */
export async function findWeakSettings(url: string, expected: Expected): Promise<string[]> {
  const wanted = Object.entries({ ...ALWAYS, ...expected })
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const rows = await sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name = any(${wanted.map(([name]) => name)})
    `
    const found = new Map(rows.map(({ name, setting }) => [name, setting]))
    const exceptions = await sql<{ whose: string; name: string; setting: string }[]>`
      select
        concat_ws(' in ', s.setrole::regrole::text, d.datname) as whose,
        split_part(c.line, '=', 1) as name,
        split_part(c.line, '=', 2) as setting
      from pg_db_role_setting s
      left join pg_database d on d.oid = s.setdatabase
      cross join unnest(s.setconfig) as c (line)
    `
    return wanted.flatMap(([name, value]) => [
      ...(found.get(name) === value ? [] : [`${name} is ${found.get(name) ?? 'not there'} and must be ${value}`]),
      ...exceptions
        .filter((exception) => exception.name === name && exception.setting !== value)
        .map(({ whose, setting }) => `${name} is ${setting} for ${whose} and must be ${value}`),
    ])
  } finally {
    await sql.end({ timeout: 1 })
  }
}
