import { cp, open, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { withDatabase } from '../environment.ts'
import { fillDatabase, inDatabase, leftOvers, newBackupFolder } from '../testing/filled-database.ts'
import { APP_ROLE, cloneTemplate, type TestDatabase } from '../testing/template-database.ts'
import { getBackup, noteProof, verifyBackup } from './backup-folder.ts'
import { computeSums } from './checksums.ts'
import { proveBackup, restoreBackup } from './restore.ts'
import { takeBackup } from './take-backup.ts'

const superuserUrl = inject('superuserUrl')
let source: TestDatabase
let whole: string
let folder: string
const target = `damage_${process.pid}`

beforeAll(async () => {
  source = await cloneTemplate(superuserUrl)
  await fillDatabase(source.ownerUrl)
  folder = await newBackupFolder()
  whole = path.join(folder, (await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })).name)
})

afterAll(async () => {
  await source.drop()
  await inDatabase(superuserUrl, (sql) => sql.unsafe(`drop database if exists ${target} with (force)`))
})

const NAME = '2020-02-02T02-02-02Z'
let place: string

/** A copy of the whole backup, to be damaged. */
beforeEach(async () => {
  place = path.join(folder, NAME)
  await rm(place, { recursive: true, force: true })
  await cp(whole, place, { recursive: true })
})

const restore = () =>
  restoreBackup({
    superuserUrl,
    ownerUrl: withDatabase(source.ownerUrl, target),
    appRole: APP_ROLE,
    folder,
    name: NAME,
    replace: false,
  })
const prove = () => proveBackup({ superuserUrl, ownerUrl: source.ownerUrl, appRole: APP_ROLE, folder, name: NAME })
const verify = async () => verifyBackup(await getBackup(folder, NAME))
/** Takes the check away: the sums say that whatever is there is right. */
const makeSumsAnew = async () => writeFile(path.join(place, 'SHA256SUMS'), await computeSums(place))

async function flip(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, offset)
  byte.writeUInt8(byte.readUInt8() ^ 0x20)
  await handle.write(byte, 0, 1, offset)
  await handle.close()
}

async function expectNothing(): Promise<void> {
  const found = await inDatabase(superuserUrl, (sql) => sql`select from pg_database where datname = ${target}`)
  expect(found).toHaveLength(0)
  expect(await leftOvers(superuserUrl, withDatabase(source.ownerUrl, target))).toEqual([])
}

describe('L11: a damaged backup is refused, and nothing is touched', () => {
  test('one byte flipped, in any file, anywhere', async () => {
    const files = await readdir(place)
    expect(files.length).toBeGreaterThan(10)
    for (const file of files) {
      const { length } = await readFile(path.join(place, file))
      for (const offset of new Set([0, 1, 4, 9, Math.floor(length / 3), Math.floor(length / 2), length - 9, length - 1])) {
        await flip(path.join(place, file), offset)
        await expect(verify(), `${file} at ${offset}`).rejects.toThrow(/is damaged and was not touched further: /)
        await flip(path.join(place, file), offset)
      }
    }
    // Negative control: with every byte back in its place, it is whole again.
    await verify()
    await flip(path.join(place, 'incidents.copy.gz'), 30)
    await expect(restore()).rejects.toThrow(
      `The backup ${NAME} is damaged and was not touched further: incidents.copy.gz is damaged.`,
    )
    await expectNothing()
  })

  test.each([
    ['a file cut short', () => truncate(path.join(place, 'incidents.copy.gz'), 40), 'incidents.copy.gz is damaged'],
    ['an emptied file', () => truncate(path.join(place, 'manifest.json'), 0), 'manifest.json is damaged'],
    ['a missing file', () => rm(path.join(place, 'users.copy.gz')), 'users.copy.gz is missing'],
    ['a file too many', () => writeFile(path.join(place, 'more.copy.gz'), ''), 'more.copy.gz is not in SHA256SUMS'],
    [
      'two files that changed places',
      async () => {
        await rename(path.join(place, 'users.copy.gz'), path.join(place, 'x'))
        await rename(path.join(place, 'timers.copy.gz'), path.join(place, 'users.copy.gz'))
        await rename(path.join(place, 'x'), path.join(place, 'timers.copy.gz'))
      },
      'timers.copy.gz is damaged, users.copy.gz is damaged',
    ],
    [
      'a list that lacks a file',
      async () => {
        const sums = await readFile(path.join(place, 'SHA256SUMS'), 'utf8')
        await writeFile(path.join(place, 'SHA256SUMS'), sums.replace(/^.*users\.copy\.gz\n/m, ''))
      },
      'users.copy.gz is not in SHA256SUMS',
    ],
    [
      'a link in the place of a file',
      async () => {
        await rename(path.join(place, 'users.copy.gz'), path.join(folder, 'elsewhere'))
        await symlink(path.join(folder, 'elsewhere'), path.join(place, 'users.copy.gz'))
      },
      'users.copy.gz is no file',
    ],
  ])('%s', async (_what, damage, sentence) => {
    await damage()
    await expect(restore()).rejects.toThrow(`The backup ${NAME} is damaged and was not touched further: ${sentence}.`)
    await expectNothing()
  })

  test('a list of checksums that is gone makes it no backup at all', async () => {
    await rm(path.join(place, 'SHA256SUMS'))
    await expect(restore()).rejects.toThrow(`There is no backup ${NAME}`)
  })

  test.each([
    ['a file too many', () => writeFile(path.join(place, 'more.copy.gz'), ''), 'more.copy.gz is no part of a backup'],
    ['a missing file', () => rm(path.join(place, 'users.copy.gz')), 'users.copy.gz missing'],
    ['a manifest that leads elsewhere', () => edit({ users: '../users' }), 'manifest.json is not what a backup writes'],
    ['no manifest', () => writeFile(path.join(place, 'manifest.json'), 'null'), 'manifest.json is not what a backup writes'],
  ])('even where the list was made to fit: %s', async (_what, damage, sentence) => {
    await damage()
    await makeSumsAnew()
    await expect(restore()).rejects.toThrow(sentence)
    await expectNothing()
  })
})

/** Changes names in the manifest. */
async function edit(names: Record<string, string>): Promise<void> {
  let text = await readFile(path.join(place, 'manifest.json'), 'utf8')
  for (const [from, to] of Object.entries(names)) text = text.replace(`"name": "${from}"`, `"name": "${to}"`)
  await writeFile(path.join(place, 'manifest.json'), text)
}

async function changeRows(table: string, change: (text: string) => string): Promise<void> {
  const file = path.join(place, `${table}.copy.gz`)
  await writeFile(file, gzipSync(change(gunzipSync(await readFile(file)).toString())))
  await makeSumsAnew()
}

describe('a backup that was tampered with, checksums and all', () => {
  test.each([
    ['a note changed', 'incidents', (text: string) => text.replace('plain', 'fancy'), 'incidents has other contents'],
    ['a row removed', 'incidents', (text: string) => text.replace(/^.*\n/, ''), 'incidents has 16 rows, not 17'],
    [
      'a row too many',
      'revoked_sessions',
      () => `${crypto.randomUUID()}\t2026-01-01 00:00:00+00\n`,
      'revoked_sessions has 1 rows',
    ],
    ['a key that points nowhere', 'timers', () => '', '23503: incident_runs, incident_runs_timer_id_fkey'],
    ['the same key twice', 'incidents', (text: string) => text + text, '23505: incidents, incidents_pkey'],
    ['a broken line', 'users', (text: string) => `${text}only\tthree\tcolumns\n`, 'the database refused the data (22P0'],
  ])('is found by the proof: %s', async (_what, table, change, sentence) => {
    await changeRows(table, change)
    // What the checksums alone say.
    await verify()
    await noteProof(await getBackup(folder, NAME), new Date())
    const failure = await prove().catch((error: unknown) => error)
    const [run] = await inDatabase(
      source.ownerUrl,
      (sql) => sql`select kind, succeeded, backup_name, detail from backup_runs order by finished_at desc limit 1`,
    )
    expect(run).toEqual({ kind: 'proof', succeeded: false, backup_name: NAME, detail: expect.stringContaining(sentence) })
    // No value of a row is told.
    expect(String(run?.['detail'])).not.toMatch(/three|[0-9a-f]{8}-[0-9a-f]{4}/)
    expect(failure).toBeInstanceOf(Error)
    await expect(restore()).rejects.toThrow()
    await expectNothing()
  })

  test('negative control: what neither sums nor digests speak of gets through', async () => {
    await edit({})
    const manifest = await readFile(path.join(place, 'manifest.json'), 'utf8')
    await writeFile(
      path.join(place, 'manifest.json'),
      manifest.replace(/"postgres_version": "[^"]*"/, '"postgres_version": "17.0"'),
    )
    await expect(verify()).rejects.toThrow('manifest.json is damaged')
    await makeSumsAnew()
    await prove()
  })

  test('is no longer called proved', async () => {
    await prove()
    expect((await getBackup(folder, NAME)).provedAt).toBeInstanceOf(Date)
    await changeRows('incidents', (text) => text.replace('plain', 'fancy'))
    expect((await getBackup(folder, NAME)).provedAt).toBeNull()
  })
})
