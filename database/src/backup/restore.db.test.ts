import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { withDatabase } from '../environment.ts'
import { migrate, newestVersion } from '../migrate.ts'
import {
  fillDatabase,
  inDatabase,
  leftOvers,
  newBackupFolder,
  PASSWORD_HASH,
  readEverything,
} from '../testing/filled-database.ts'
import { runProgram } from '../testing/run-program.ts'
import { APP_ROLE, cloneTemplate, type TestDatabase } from '../testing/template-database.ts'
import { computeSums } from './checksums.ts'
import { restoreBackup, type RestoreOptions } from './restore.ts'
import { withScratch } from './scratch-database.ts'
import { takeBackup } from './take-backup.ts'

const superuserUrl = inject('superuserUrl')
const target = `restore_${process.pid}`
let source: TestDatabase
let folder: string
let name: string
let url: string

beforeAll(async () => {
  source = await cloneTemplate(superuserUrl)
  await fillDatabase(source.ownerUrl)
  folder = await newBackupFolder()
  name = (await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })).name
  url = withDatabase(source.ownerUrl, target)
})

afterEach(async () => {
  await inDatabase(superuserUrl, (sql) => sql.unsafe(`drop database if exists ${target} with (force)`))
  expect(await leftOvers(superuserUrl, url)).toEqual([])
})

afterAll(() => source.drop())

const restore = (more: Partial<RestoreOptions> = {}) =>
  restoreBackup({ superuserUrl, ownerUrl: url, appRole: APP_ROLE, folder, name, replace: false, ...more })

async function makeTarget(): Promise<void> {
  await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${target}`))
  await migrate({ url, appRole: APP_ROLE })
}

/** A database that belongs to somebody already. */
async function makeOccupied(): Promise<Record<string, string[]>> {
  await makeTarget()
  await inDatabase(
    url,
    (sql) => sql`insert into users (email, display_name, slug, password_hash) values ('b@b.b', 'B', 'b', 'x')`,
  )
  return readEverything(url)
}

describe('restoreBackup', () => {
  test('L12: makes the database where there is none, sign-in data to the letter', async () => {
    await restore()
    expect(await readEverything(url)).toMatchObject(
      await readEverything(source.ownerUrl).then(({ users, incidents }) => ({ users, incidents })),
    )
    const [user] = await inDatabase(
      url,
      (sql) => sql`select password_hash from users where email = 'ada.lovelace+tag@example.org'`,
    )
    expect(user).toEqual({ password_hash: PASSWORD_HASH })
  })

  test('takes a migrated database in which nobody has been yet for an empty one', async () => {
    await makeTarget()
    expect(await restore()).not.toHaveProperty('before')
  })

  test('refuses a database that is not empty, and leaves it as it is', async () => {
    const before = await makeOccupied()
    await expect(restore()).rejects.toThrow(`The database ${target} is not empty (users): --replace`)
    expect(await readEverything(url)).toEqual(before)
  })

  test('refuses a database with tables that are not ours', async () => {
    await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${target}`))
    await inDatabase(url, (sql) => sql.unsafe('create table precious (id int primary key)'))
    await expect(restore()).rejects.toThrow('is not empty (precious)')
  })

  test('replaces it when told to, and keeps what was there as a backup that restores', async () => {
    const before = await makeOccupied()
    const { before: kept = '' } = await restore({ replace: true })
    expect(kept).toMatch(/^before-restore-/)
    expect((await readEverything(url))['users']?.[0]).toContain('Ada.Lovelace')
    await restore({ replace: true, name: kept })
    expect((await readEverything(url))['users']).toEqual(before['users'])
  })

  test('replaces nothing when that backup cannot be made, unless it is told not to make one', async () => {
    await makeOccupied()
    await inDatabase(url, (sql) => sql.unsafe('create table no_key (x int)'))
    const before = await readEverything(url)
    await expect(restore({ replace: true })).rejects.toThrow(
      /could not be backed up \(The table no_key has no primary key.*nothing was changed/,
    )
    expect(await readEverything(url)).toEqual({ ...before, backup_runs: [expect.stringContaining(',backup,f,')] })
    await restore({ replace: true, keepReplaced: false })
    expect((await readEverything(url))['users']?.[0]).toContain('Ada.Lovelace')
  })

  test('refuses a database that somebody is connected to, by name, before and at the last moment', async () => {
    const before = await makeOccupied()
    const visitor = postgres(url, { max: 1, connection: { application_name: 'the api of the site' } })
    await visitor`select 1`
    await expect(restore({ replace: true })).rejects.toThrow(
      `The database ${target} is in use (the api of the site): stop the site first. Nothing was changed.`,
    )
    await withScratch({ superuserUrl, ownerUrl: url }, async (scratch) => {
      await expect(scratch.takeOver()).rejects.toThrow('is in use (the api of the site)')
    })
    await visitor.end()
    expect(await readEverything(url)).toEqual(before)
  }, 40_000)

  test.each([
    ['loading', 'users.copy.gz'],
    ['comparing', 'manifest.json'],
  ])('leaves the database as it was when %s fails half-way', async (_what, file) => {
    const before = await makeOccupied()
    const place = path.join(folder, '2021-01-01T00-00-00Z')
    await mkdir(place)
    for (const one of await readdir(path.join(folder, name)))
      await writeFile(path.join(place, one), await readFile(path.join(folder, name, one)))
    const bytes = await readFile(path.join(place, file))
    await writeFile(
      path.join(place, file),
      file === 'manifest.json'
        ? bytes.toString().replace(/("name": "incidents"[^}]*"rows": )17/, (_all, start: string) => `${start}18`)
        : bytes.subarray(0, 60),
    )
    await writeFile(path.join(place, 'SHA256SUMS'), await computeSums(place))
    const outcome = restore({ replace: true, name: '2021-01-01T00-00-00Z' })
    await expect(outcome).rejects.toThrow(file === 'manifest.json' ? 'incidents has 17 rows, not 18' : /unexpected end|22P0/)
    await rm(place, { recursive: true })
    expect(await readEverything(url)).toMatchObject({ users: before['users'], incidents: [] })
  })

  test('refuses a backup of a newer schema with the sentence that says so', async () => {
    const place = path.join(folder, '2021-01-01T00-00-00Z')
    await mkdir(place)
    for (const one of await readdir(path.join(folder, name)))
      await writeFile(path.join(place, one), await readFile(path.join(folder, name, one)))
    const newest = await newestVersion()
    const manifest = await readFile(path.join(place, 'manifest.json'), 'utf8')
    await writeFile(
      path.join(place, 'manifest.json'),
      manifest.replace(/"schema_version": \d+/, `"schema_version": ${newest + 1}`),
    )
    await writeFile(path.join(place, 'SHA256SUMS'), await computeSums(place))
    await expect(restore({ name: '2021-01-01T00-00-00Z' })).rejects.toThrow(
      `has schema version ${newest + 1}, newer than this code knows (${newest}): restore it with the release that made it, or a newer one.`,
    )
    await rm(place, { recursive: true })
  })

  test('removes what a crash left, and lets one at a time try', async () => {
    let running = 0
    let most = 0
    await withScratch({ superuserUrl, ownerUrl: url }, async () => {
      const [scratch = ''] = await leftOvers(superuserUrl, url)
      expect(scratch).toMatch(/^kw_scratch_/)
    })
    const [left = 'kw_scratch_'] = await withScratch({ superuserUrl, ownerUrl: url }, () => leftOvers(superuserUrl, url))
    await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${left}`))
    await inDatabase(withDatabase(superuserUrl, left), (sql) => sql.unsafe('create table leftover (x int)'))
    await Promise.all(
      [1, 2].map(() =>
        withScratch({ superuserUrl, ownerUrl: url }, async (scratch) => {
          most = Math.max(most, ++running)
          expect(Object.keys(await readEverything(scratch.url))).toEqual([])
          running--
        }),
      ),
    )
    expect(most).toBe(1)
  })

  test('says whose rights are missing', async () => {
    await expect(restore({ superuserUrl: source.url })).rejects.toThrow(
      `The role ${APP_ROLE} may not do what a proof or a restore needs (permission denied to create database): set SUPERUSER_URL.`,
    )
  })
})

describe('backup-cli', () => {
  test('L12: backs up, lists, proves and restores with addresses from the environment, and writes the marker', async () => {
    const marker = path.join(folder, '../installed.json')
    const environment = {
      MIGRATION_DATABASE_URL: source.ownerUrl,
      DATABASE_URL: source.url,
      SUPERUSER_URL: superuserUrl,
      BACKUP_DIR: await newBackupFolder(),
      INSTALL_MARKER: marker,
    }
    const taken = await runProgram('backup-cli.ts', ['backup', '--format', 'tables'], environment)
    expect(taken.output).toMatch(/^backup (\S+) made \(tables, schema \d+, \d+ rows, [\d.]+ MB, [\d.]+ s\)\n$/)
    const [, made = ''] = /^backup (\S+)/.exec(taken.output) ?? []
    expect(await runProgram('backup-cli.ts', ['list', '--newest'], environment)).toEqual({ code: 0, output: `${made}\n` })
    expect((await runProgram('backup-cli.ts', ['verify', made], environment)).output).toBe(
      `backup ${made} is as it was written\n`,
    )
    expect((await runProgram('backup-cli.ts', ['list'], environment)).output).toMatch(
      /^\S+Z {2}0\.0 days old, tables, schema \d+, 0\.\d\d MB, not proved\n$/,
    )
    expect((await runProgram('backup-cli.ts', ['prove'], environment)).output).toMatch(
      new RegExp(`^backup ${made} proved: it restores`),
    )
    expect((await runProgram('backup-cli.ts', ['list'], environment)).output).toMatch(/, proved 20\d\d-/)
    const restored = await runProgram('backup-cli.ts', ['restore', 'latest'], {
      ...environment,
      MIGRATION_DATABASE_URL: url,
      DATABASE_URL: withDatabase(source.url, target),
    })
    expect([restored.code, restored.output]).toEqual([
      0,
      expect.stringMatching(/^backup \S+ restored: every count and digest is as it was/),
    ])
    expect(await readFile(marker, 'utf8')).toContain('installed_at')
  })

  test('L12: makes the roles on a server that has none, and none for a backup that is damaged', async () => {
    const as = (user: string) => {
      const made = new URL(url)
      made.username = `${user}_${process.pid}`
      made.password = 'a-password-of-its-own'
      return made.href
    }
    const environment = {
      SUPERUSER_URL: superuserUrl,
      MIGRATION_DATABASE_URL: as('new_owner'),
      DATABASE_URL: as('new_app'),
      BACKUP_DIR: folder,
    }
    const roles = () =>
      inDatabase(
        superuserUrl,
        (sql) => sql`select from pg_roles where rolname in (${`new_owner_${process.pid}`}, ${`new_app_${process.pid}`})`,
      )
    await cp(path.join(folder, name), path.join(folder, '2021-01-01T00-00-00Z'), { recursive: true })
    await writeFile(path.join(folder, '2021-01-01T00-00-00Z/manifest.json'), '{}')
    expect(await runProgram('backup-cli.ts', ['restore', '2021-01-01T00-00-00Z'], environment)).toMatchObject({ code: 1 })
    await rm(path.join(folder, '2021-01-01T00-00-00Z'), { recursive: true })
    expect(await roles()).toHaveLength(0)
    expect(await runProgram('backup-cli.ts', ['restore', name], environment)).toMatchObject({ code: 0 })
    expect(await roles()).toHaveLength(2)
    expect(await inDatabase(as('new_app'), (sql) => sql`select slug from users`)).toEqual([{ slug: 'ada' }])
    await inDatabase(superuserUrl, async (sql) => {
      await sql.unsafe(`drop database ${target} with (force)`)
      for (const role of ['new_owner', 'new_app']) await sql.unsafe(`drop role ${role}_${process.pid}`)
    })
  })

  test.each([
    [[], /^node database\/src\/backup-cli\.ts <command>/],
    [['burn'], /^there is no command burn/],
    [['restore'], /^restore which backup\?/],
    [['list', 'x'], /^list does not take x/],
    [['backup', '--replace'], /^backup does not take --replace/],
    [['backup', '--format', 'tar'], /^--format must be one of custom, tables/],
    [['backup', '--name-prefix', '../x'], /^--name-prefix is/],
    [['restore', '../../etc'], /^There is no backup \.\.\/\.\.\/etc/],
    [['--shred'], /^Unknown option/],
  ])('refuses %j with one line that says why', async (args, sentence) => {
    const { code, output } = await runProgram('backup-cli.ts', args, { MIGRATION_DATABASE_URL: url, BACKUP_DIR: folder })
    expect(code).toBe(1)
    expect(output).toMatch(sentence)
    expect(output).not.toMatch(/\n\s+at /)
  })
})
