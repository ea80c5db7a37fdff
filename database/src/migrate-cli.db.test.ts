import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { withDatabase } from './environment.ts'
import { migrate, newestVersion } from './migrate.ts'
import { fillDatabase, inDatabase, newBackupFolder, listColumns, readEverything } from './testing/filled-database.ts'
import { runProgram } from './testing/run-program.ts'

const superuserUrl = inject('superuserUrl')
const made: string[] = []
let url: string
let newest: number

beforeAll(async () => {
  newest = await newestVersion()
})

beforeEach(async () => {
  const name = `migrate_cli_${process.pid}_${made.length}`
  made.push(name)
  await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${name}`))
  url = withDatabase(superuserUrl, name)
})

afterAll(async () => {
  for (const name of made) await inDatabase(superuserUrl, (sql) => sql.unsafe(`drop database ${name} with (force)`))
})

function versionOf(address: string) {
  return inDatabase(address, async (sql) => {
    const [row] = await sql<{ version: number }[]>`select max(version)::int as version from schemaversion`
    return row?.version
  })
}

describe('migrate-cli', () => {
  test('makes no backup of an empty database, and one before it changes anything in another', async () => {
    const BACKUP_DIR = await newBackupFolder()
    expect(await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL: url, BACKUP_DIR })).toEqual({
      code: 0,
      output: `schema migrated from version 0 to ${newest}\n`,
    })
    await expect(readdir(BACKUP_DIR)).rejects.toThrow('ENOENT')

    const name = `migrate_cli_${process.pid}_${made.length}`
    made.push(name)
    await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${name}`))
    const older = withDatabase(superuserUrl, name)
    await migrate({ url: older, to: 4 })
    await fillDatabase(older)
    const [columns, before] = [await listColumns(older), await readEverything(older)]
    const { code, output } = await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL: older, BACKUP_DIR })
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^backup (before-migration-\S+) made before the migration\nschema migrated/),
    ])
    expect(await readdir(BACKUP_DIR)).toEqual([/before-migration-\S+/.exec(output)?.[0]])
    expect(await readEverything(older, columns)).toMatchObject(before)
    // Nothing to migrate, nothing to back up.
    await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL: older, BACKUP_DIR })
    expect(await readdir(BACKUP_DIR)).toHaveLength(1)
  })

  test('migrates nothing when that backup fails, unless it is told to', async () => {
    await migrate({ url, to: 4 })
    const BACKUP_DIR = '/dev/null/backups'
    const refused = await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL: url, BACKUP_DIR })
    expect([refused.code, refused.output]).toEqual([
      1,
      'No backup could be made before the migration (BACKUP_DIR: /dev/null/backups is not a folder; nothing was kept of this backup.), so nothing was migrated. Mend that, or migrate with --no-backup.\n',
    ])
    expect(await versionOf(url)).toBe(4)
    expect(await runProgram('migrate-cli.ts', ['--no-backup'], { MIGRATION_DATABASE_URL: url, BACKUP_DIR })).toMatchObject({
      code: 0,
    })
    expect(await versionOf(url)).toBe(newest)
  })

  test('O13: takes addresses from files, and shows none', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kw-files-'))
    const file = path.join(folder, 'address')
    await writeFile(file, `${url}\n`)
    expect(await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL_FILE: file })).toMatchObject({ code: 0 })
    const both = await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL_FILE: file, MIGRATION_DATABASE_URL: url })
    expect(both).toMatchObject({
      code: 1,
      output: expect.stringContaining('MIGRATION_DATABASE_URL_FILE too: which one is meant?'),
    })
    await writeFile(file, 'mysql://root:hunter2hunter2@127.0.0.1/x')
    const wrong = await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL_FILE: file })
    expect(wrong.code).toBe(1)
    expect(wrong.output).toMatch(/^MIGRATION_DATABASE_URL must look like postgres:/)
    expect(wrong.output).not.toContain('hunter2')
    await rm(folder, { recursive: true })
    expect((await runProgram('migrate-cli.ts', [], { MIGRATION_DATABASE_URL_FILE: file })).output).toMatch(
      /cannot be read \(ENOENT\)/,
    )
    expect((await runProgram('migrate-cli.ts', [], {})).output).toBe('MIGRATION_DATABASE_URL or DATABASE_URL must be set.\n')
  })
})
