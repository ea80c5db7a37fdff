import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { fillDatabase, inDatabase, newBackupFolder } from '../testing/filled-database.ts'
import { runProgram } from '../testing/run-program.ts'
import { APP_ROLE, cloneTemplate, type TestDatabase } from '../testing/template-database.ts'
import { listBackups } from './backup-folder.ts'
import { runNightly } from './nightly.ts'
import { takeBackup } from './take-backup.ts'

const superuserUrl = inject('superuserUrl')
let source: TestDatabase
let folder: string

beforeAll(async () => {
  source = await cloneTemplate(superuserUrl)
  await fillDatabase(source.ownerUrl)
})
beforeEach(async () => {
  folder = await newBackupFolder()
  await inDatabase(source.ownerUrl, (sql) => sql`delete from backup_runs`)
})
afterAll(() => source.drop())

async function night(more: { superuserUrl?: string; folder?: string } = {}): Promise<{ isWell: boolean; said: string[] }> {
  const said: string[] = []
  const options = { superuserUrl, ownerUrl: source.ownerUrl, appRole: APP_ROLE, folder, keepDays: 14, format: 'tables' as const }
  return { isWell: await runNightly({ ...options, ...more }, (line) => said.push(line)), said }
}

const runs = () =>
  inDatabase(
    source.ownerUrl,
    (sql) => sql`select kind, succeeded, backup_name, detail, bytes > 0 as has_bytes from backup_runs order by finished_at`,
  ).then((rows) => [...rows])

/** Gives a backup the name of one that was made days ago. */
async function age(name: string, days: number): Promise<string> {
  const older = `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  await rename(path.join(folder, name), path.join(folder, older))
  return older
}

describe('a night', () => {
  test('makes a backup, proves it, and notes both in the table that the metrics read', async () => {
    const { isWell, said } = await night()
    expect(isWell).toBe(true)
    expect(said).toEqual([expect.stringMatching(/^backup \S+ made/), expect.stringMatching(/^backup \S+ proved: it restores/)])
    const [backup] = await listBackups(folder)
    expect(backup?.provedAt).toBeInstanceOf(Date)
    expect(await runs()).toEqual([
      { kind: 'backup', succeeded: true, backup_name: backup?.name, detail: null, has_bytes: true },
      { kind: 'proof', succeeded: true, backup_name: backup?.name, detail: null, has_bytes: true },
    ])
  })

  test('P07: removes what is too old, but nothing that it does not know, and never the newest proved one', async () => {
    const { name } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const old = await age(name, 15)
    const { name: young } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const kept = await age(young, 13)
    for (const stranger of ['mine', '2001-01-01T00-00-00Z', '2001-01-02T00-00-00Z.copy']) await mkdir(path.join(folder, stranger))
    await writeFile(path.join(folder, '2001-01-03T00-00-00Z'), 'a file')
    await mkdir(path.join(folder, '.making-2001-01-01T00-00-00Z-abcd'))
    await utimes(path.join(folder, '.making-2001-01-01T00-00-00Z-abcd'), 0, 0)
    const first = await night()
    expect(first.said.at(-1)).toBe(`backup ${old} removed: older than 14 days`)
    const [newest] = await listBackups(folder)
    expect((await readdir(folder)).sort()).toEqual(
      ['2001-01-01T00-00-00Z', '2001-01-02T00-00-00Z.copy', '2001-01-03T00-00-00Z', kept, newest?.name, 'mine'].sort(),
    )
    // The only proved one is a year old now, and tonight's cannot be proved.
    const proved = await age(newest?.name ?? '', 365)
    const second = await night({ superuserUrl: source.url })
    expect(second.isWell).toBe(false)
    expect((await listBackups(folder)).map((backup) => backup.name)).toContain(proved)
  })

  test('says and notes a proof that fails, and does not call the backup proved', async () => {
    const { isWell, said } = await night({ superuserUrl: source.url })
    expect(isWell).toBe(false)
    expect(said[1]).toMatch(/^proof FAILED: The role \S+ may not do what a proof or a restore needs/)
    expect((await listBackups(folder))[0]?.provedAt).toBeNull()
    expect((await runs())[1]).toMatchObject({ kind: 'proof', succeeded: false, detail: expect.stringContaining('may not') })
  })

  test.each([
    ['a folder that is a file', '/dev/null', 'is not a folder'],
    ['a folder in one that is not there', '/nowhere/at/all', 'cannot be made: the folder above it does not exist'],
  ])('says and notes a backup that cannot be written: %s', async (_what, place, sentence) => {
    const { isWell, said } = await night({ folder: place })
    expect(isWell).toBe(false)
    expect(said[0]).toBe(`backup FAILED: BACKUP_DIR: ${place} ${sentence}; nothing was kept of this backup.`)
    expect(await runs()).toEqual([
      { kind: 'backup', succeeded: false, backup_name: null, detail: expect.stringContaining(sentence), has_bytes: null },
    ])
  })

  test('L07: a disk that takes no more leaves nothing half, and an exit code that is not 0', async () => {
    await inDatabase(
      source.ownerUrl,
      // Random, so that it does not shrink: some hundred kilobytes.
      (sql) => sql`insert into revoked_sessions (session_id) select gen_random_uuid() from generate_series(1, 20000)`,
    )
    const environment = { MIGRATION_DATABASE_URL: source.ownerUrl, SUPERUSER_URL: superuserUrl, BACKUP_DIR: folder }
    // No file may grow beyond 64 blocks of 1 KB: what a full disk does, without one.
    const limited = ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh']
    const { code, output } = await runProgram('backup-cli.ts', ['nightly', '--format', 'tables'], environment, limited)
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^backup FAILED: BACKUP_DIR: .* is on a disk that takes no file of this size/),
    ])
    expect(await readdir(folder)).toEqual([])
    // Negative control: without the limit it is made.
    expect(await runProgram('backup-cli.ts', ['nightly', '--format', 'tables'], environment)).toMatchObject({ code: 0 })
    await inDatabase(source.ownerUrl, (sql) => sql`delete from revoked_sessions`)
  })

  test('a database that does not answer is said in one line', async () => {
    const { code, output } = await runProgram('backup-cli.ts', ['nightly'], {
      MIGRATION_DATABASE_URL: 'postgres://owner:hunter2hunter2@127.0.0.1:1/site',
      BACKUP_DIR: folder,
    })
    expect(code).toBe(1)
    expect(output).toMatch(/^backup FAILED: .*ECONNREFUSED/)
    expect(output).not.toMatch(/hunter2|\n\s+at /)
    expect(await readdir(folder)).toEqual([])
  })
})
