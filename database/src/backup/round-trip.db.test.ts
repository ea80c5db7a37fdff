import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { withDatabase } from '../environment.ts'
import { migrate } from '../migrate.ts'
import {
  fillDatabase,
  inDatabase,
  leftOvers,
  listColumns,
  newBackupFolder,
  ODD_TEXTS,
  readEverything,
} from '../testing/filled-database.ts'
import { APP_ROLE, cloneTemplate, type TestDatabase } from '../testing/template-database.ts'
import { getBackup, listBackups, verifyBackup } from './backup-folder.ts'
import { proveBackup, restoreBackup, type RestoreOptions } from './restore.ts'
import { takeBackup } from './take-backup.ts'

const superuserUrl = inject('superuserUrl')
const made: string[] = []
let source: TestDatabase
let folder: string

/** An address of a database that does not exist yet. */
function newDatabase(): string {
  const name = `round_trip_${process.pid}_${made.length}`
  made.push(name)
  return withDatabase(source.ownerUrl, name)
}

function restoreTo(ownerUrl: string, name: string, more: Partial<RestoreOptions> = {}) {
  return restoreBackup({ superuserUrl, ownerUrl, appRole: APP_ROLE, folder, name, replace: false, ...more })
}

beforeAll(async () => {
  source = await cloneTemplate(superuserUrl)
  folder = await newBackupFolder()
  await fillDatabase(source.ownerUrl)
})

afterAll(async () => {
  await source.drop()
  for (const name of made) await inDatabase(superuserUrl, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
})

describe('a backup in the format tables', () => {
  test('L08: restores to the same rows, to the last character and microsecond, empty tables included', async () => {
    const before = await readEverything(source.ownerUrl)
    const { name, manifest } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const target = newDatabase()
    await restoreTo(target, name)
    const after = await readEverything(target)
    expect(after).toEqual(before)
    // What was compared is what it was meant to be.
    const notes = await inDatabase(target, (sql) => sql<{ notes: string }[]>`select notes from incidents order by occurred_at`)
    expect(notes.map((row) => row.notes)).toEqual([...ODD_TEXTS, null])
    expect(after['idempotency_keys']).toEqual([])
    const [times] = await inDatabase(target, (sql) => sql<{ at: string }[]>`select started_at::text as at from timers`)
    expect(times?.at).toBe('1000-01-01 00:00:00.000001+00')
    expect(Object.fromEntries(manifest.tables.map((table) => [table.name, table.rows]))).toMatchObject({
      users: 1,
      incidents: ODD_TEXTS.length + 1,
      sessions: 1,
      idempotency_keys: 0,
    })
    expect(await leftOvers(superuserUrl, target)).toEqual([])
  })

  test('gives the application its role’s rights, and no trigger stays off', async () => {
    const { name } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const target = newDatabase()
    await restoreTo(target, name)
    const app = new URL(source.url)
    app.pathname = new URL(target).pathname
    const [before, after] = await inDatabase(app.href, async (sql) => {
      const revision = () => sql<{ revision: string }[]>`select revision from timers`.then(([row]) => row?.revision)
      const was = await revision()
      await sql`insert into incidents (timer_id) select id from timers`
      await expect(sql`create table t (x int)`).rejects.toMatchObject({ code: '42501' })
      return [was, await revision()]
    })
    expect(Number(after)).toBe(Number(before) + 1)
    // What triggers keep was loaded as it was, not made a second time, and is kept from here on.
    const look = (sql: postgres.Sql) => sql<{ kept: string }[]>`
      select jsonb_build_array(
        (select jsonb_agg(jsonb_build_array(incident_id, began_at, ended_at, run_us) order by incident_id) from incident_runs),
        (select jsonb_agg(incident_count) from timers), (select count(*) from incidents)
      )::text as kept`
    await inDatabase(target, async (sql) => {
      const [kept] = await look(sql)
      await sql`select rebuild_incident_runs(array_agg(id)) from timers`
      expect((await look(sql))[0]).toEqual(kept)
      expect(kept?.kept).toContain(`, [${ODD_TEXTS.length + 2}], ${ODD_TEXTS.length + 2}]`)
    })
    await inDatabase(target, async (sql) => {
      expect(await sql`select from pg_trigger where tgenabled <> 'O'`).toEqual([])
      await expect(
        sql`insert into incidents (timer_id, occurred_at) select id, now() + interval '1 hour' from timers`,
      ).rejects.toThrow('future')
    })
  })

  test('is for its owner’s eyes only, and can be read without this program', async () => {
    const { name, manifest } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const place = path.join(folder, name)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(place)).mode & 0o777).toBe(0o700)
    for (const file of await readdir(place))
      expect([file, (await stat(path.join(place, file))).mode & 0o777]).toEqual([file, 0o600])
    const users = gunzipSync(await readFile(path.join(place, 'users.copy.gz'))).toString()
    expect(users).toContain('\tAda.Lovelace+Tag@Example.org\tAda "the first"\tada\tUTC\tt\t$argon2id$')
    expect(manifest.newest_incident?.occurred_at).toBe('2020-02-29 12:00:16.123456+00')
  })

  test('of two at once both are whole, and have names of their own', async () => {
    const taken = await Promise.all([1, 2, 3].map(() => takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })))
    expect(new Set(taken.map(({ name }) => name)).size).toBe(3)
    for (const { name } of taken) await verifyBackup(await getBackup(folder, name))
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('is of one moment, while others write', async () => {
    const writing = await cloneTemplate(superuserUrl)
    await fillDatabase(writing.ownerUrl)
    const own = await newBackupFolder()
    // Two tables that every transaction changes alike.
    const writers = { on: true, written: 0 }
    const work = Promise.all(
      [1, 2, 3].map(() =>
        inDatabase(writing.ownerUrl, async (sql) => {
          while (writers.on) {
            await sql.begin(async (sql) => {
              await sql`insert into incidents (timer_id) select id from timers`
              await sql`insert into audit_events (action) values ('written')`
            })
            writers.written++
          }
        }),
      ),
    )
    const counts: number[][] = []
    for (let round = 0; round < 5; round++) {
      const { manifest, name } = await takeBackup({ ownerUrl: writing.ownerUrl, folder: own, format: 'tables' })
      const rows = (table: string) => manifest.tables.find((one) => one.name === table)?.rows ?? -1
      counts.push([rows('incidents') - ODD_TEXTS.length - 1, rows('audit_events')])
      if (round === 4) await proveBackup({ superuserUrl, ownerUrl: writing.ownerUrl, appRole: APP_ROLE, folder: own, name })
    }
    writers.on = false
    await work
    await writing.drop()
    for (const [incidents, events] of counts) expect(incidents).toBe(events)
    // Negative control: there was something to get wrong.
    expect(new Set(counts.map(([incidents]) => incidents)).size).toBe(5)
    expect(writers.written).toBeGreaterThan(50)
  })

  test('of an older schema is restored and then migrated to the newest', async () => {
    const old = newDatabase()
    await inDatabase(superuserUrl, (sql) => sql.unsafe(`create database ${made.at(-1) ?? ''}`))
    await migrate({ url: old, to: 4 })
    await fillDatabase(old)
    const rows = await readEverything(old)
    expect(rows).not.toHaveProperty('backup_runs')
    const { name, manifest } = await takeBackup({ ownerUrl: old, folder, format: 'tables', occasion: 'before-migration' })
    expect(manifest.schema_version).toBe(4)
    expect(name).toMatch(/^before-migration-2/)
    const target = newDatabase()
    await restoreTo(target, name)
    const restored = await readEverything(target, await listColumns(old))
    // Tables that later migrations made are there, and empty, but for what they compute and what every site begins with.
    const later = Object.keys(restored).filter((table) => !(table in rows))
    expect(later).toContain('backup_runs')
    const { incident_runs: runs, phrases, ...others } = restored
    expect(others).toEqual({
      ...rows,
      ...Object.fromEntries(later.filter((table) => table in others).map((table) => [table, []])),
    })
    // What is computed of the incidents is there as if it had always been.
    expect(phrases).toHaveLength(20)
    expect(runs).toHaveLength(ODD_TEXTS.length + 1)
    const [kept] = await inDatabase(target, (sql) => sql`select incident_count, revision, updated_at::text from timers`)
    const [was] = await inDatabase(old, (sql) => sql`select revision, updated_at::text from timers`)
    expect(kept).toEqual({ ...was, incident_count: ODD_TEXTS.length + 1 })
    expect(await migrate({ url: target })).toMatchObject({ from: expect.any(Number) })
  })

  test('PostgreSQL itself takes no NUL, so that no backup can hold one', async () => {
    await inDatabase(source.ownerUrl, async (sql) => {
      await expect(sql`select ${'a\u0000b'}::text`).rejects.toMatchObject({ code: '22021' })
    })
  })

  test('“latest” is the newest that was made for its own sake', async () => {
    const { name } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables', occasion: 'before-restore' })
    expect((await getBackup(folder, 'latest')).name).toBe(name)
    expect((await listBackups(folder)).length).toBeGreaterThan(5)
  })
})
