import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { migrate, MigrationRefused, newestVersion } from './migrate.ts'
import { inDatabase } from './testing/filled-database.ts'
import { APP_ROLE, cloneTemplate } from './testing/template-database.ts'

const superuser = postgres(inject('superuserUrl'), { max: 1, onnotice: () => undefined })
const made: string[] = []
let url: string

const NEWEST = readdirSync(new URL('../migrations', import.meta.url)).length

async function emptyDatabase(): Promise<string> {
  const name = `migrate_${process.pid}_${made.length}`
  made.push(name)
  await superuser.unsafe(`create database ${name}`)
  const address = new URL(inject('superuserUrl'))
  address.pathname = `/${name}`
  return address.href
}

beforeEach(async () => {
  url = await emptyDatabase()
})

afterAll(async () => {
  for (const name of made) await superuser.unsafe(`drop database ${name} with (force)`)
  await superuser.end()
})

describe('migrate', () => {
  test('brings an empty database to the newest version, and again changes nothing', async () => {
    expect(await migrate({ url })).toEqual({ from: 0, to: NEWEST })
    expect(await migrate({ url })).toEqual({ from: NEWEST, to: NEWEST })
  })

  test('O16: of two at once one migrates and the other waits', async () => {
    const results = await Promise.all([migrate({ url }), migrate({ url })])
    expect(results.map((result) => result.from).sort()).toEqual([0, NEWEST])
  })

  test('refuses a schema newer than the code, but leaves it as it is when told that it may be', async () => {
    await migrate({ url })
    await inDatabase(url, (sql) => sql`insert into schemaversion (version) values (999)`)
    await expect(migrate({ url })).rejects.toThrow(/schema version 999, newer than this code/)
    expect(await migrate({ url, allowNewer: true })).toEqual({ from: 999, to: 999 })
  })

  test('refuses a migration file that was changed after it ran', async () => {
    await migrate({ url })
    await inDatabase(url, (sql) => sql`update schemaversion set md5 = 'other' where version = 2`)
    await expect(migrate({ url })).rejects.toThrow(MigrationRefused)
  })

  test('refuses an empty database where the install marker says there was one; a new site writes the marker', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-marker-'))
    const installMarker = path.join(folder, 'installed.json')
    await migrate({ url, installMarker })
    await migrate({ url, installMarker })
    const lost = await emptyDatabase()
    await expect(migrate({ url: lost, installMarker })).rejects.toThrow(/database is empty, but .*installed\.json/)
    expect(await inDatabase(lost, (sql) => sql`select from pg_tables where schemaname = 'public'`)).toHaveLength(0)
    await writeFile(installMarker, '')
    await rm(folder, { recursive: true })
    expect(await migrate({ url: lost, installMarker: path.join(folder, 'installed.json') })).toMatchObject({ from: 0 })
    await rm(folder, { recursive: true })
  })

  test('O07: gives up on a lock that somebody holds, says so, and changes nothing', async () => {
    await migrate({ url, to: 4 })
    await inDatabase(url, async (holder) => {
      // The version can be read and not be written: the migration itself runs into it.
      await holder.unsafe('begin; lock table schemaversion in share mode')
      const refusal = migrate({ url })
      await expect(refusal).rejects.toThrow(MigrationRefused)
      await expect(refusal).rejects.toThrow(/^Migration 5 gave up after waiting 5 seconds .* Nothing of it was changed/)
      // The application goes on reading and writing meanwhile, and afterwards.
      await holder.unsafe("insert into users (email, display_name, slug, password_hash) values ('a@b.c', 'A', 'a', 'x')")
      const [found] = await holder`select to_regclass('backup_runs') as made, (select max(version) from schemaversion) as version`
      expect(found).toEqual({ made: null, version: '4' })
      await holder.unsafe('commit')
    })
    // Negative control: without the lock the same migration runs.
    expect(await migrate({ url })).toEqual({ from: 4, to: NEWEST })
  }, 30_000)

  test('stops at the version it is told to, and refuses one it does not know', async () => {
    expect(await migrate({ url, to: 3 })).toEqual({ from: 0, to: 3 })
    await expect(migrate({ url, to: 999 })).rejects.toThrow('Schema version 999 is newer than this code knows')
    expect(await newestVersion()).toBe(NEWEST)
  })

  test('migrates nothing when what was to be done before it fails', async () => {
    await migrate({ url, to: 4 })
    const calls: number[][] = []
    const beforeMigrating = (from: number, to: number): Promise<void> => {
      calls.push([from, to])
      return Promise.reject(new Error('no room'))
    }
    await expect(migrate({ url, beforeMigrating })).rejects.toThrow('no room')
    expect(calls).toEqual([[4, NEWEST]])
    expect(await migrate({ url })).toMatchObject({ from: 4 })
    // There is nothing to lose in an empty database, and nothing to do in a migrated one.
    await migrate({ url: await emptyDatabase(), beforeMigrating })
    await migrate({ url, beforeMigrating })
    expect(calls).toHaveLength(1)
  })
})

describe('the migrated schema', () => {
  test('keys are version 7 and sort by time', async () => {
    await migrate({ url })
    const ids = await inDatabase(url, async (sql) => {
      const found: string[] = []
      for (let n = 0; n < 5; n++) {
        const [row] = await sql<{ id: string }[]>`select uuid_generate_v7() as id`
        found.push(row?.id ?? '')
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
      return found
    })
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect([...ids].sort()).toEqual(ids)
    const milliseconds = parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16)
    expect(Math.abs(milliseconds - Date.now())).toBeLessThan(60_000)
  })

  test('every table follows the conventions: key, times, trigger, indexed foreign keys with a stated delete', async () => {
    await migrate({ url })
    await inDatabase(url, async (sql) => {
      const tables = await sql<{ name: string; columns: string[]; has_trigger: boolean; has_key: boolean }[]>`
        select c.relname as name,
          array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0) as columns,
          exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = c.oid and p.proname = 'set_updated_at') as has_trigger,
          exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p') as has_key
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'schemaversion'
      `
      expect(tables.length).toBeGreaterThan(8)
      for (const { name, columns, has_trigger, has_key } of tables) {
        expect(has_key, `${name} has no primary key`).toBe(true)
        expect(columns.includes('updated_at'), `${name}: updated_at and its trigger come together`).toBe(has_trigger)
        expect(
          columns.some((column) => ['created_at', 'revoked_at', 'finished_at'].includes(column)),
          `${name} has no time`,
        ).toBe(true)
      }
      const loose = await sql`
        select k.conname from pg_constraint k
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace
          and (k.confdeltype = 'a' or not exists (
            select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1]
          ))
      `
      expect(loose).toEqual([])
    })
  })

  test('updated_at moves with every change', async () => {
    await migrate({ url })
    await inDatabase(url, async (sql) => {
      await sql`update roles set name = name where name = 'user'`
      const [row] = await sql`select updated_at > created_at as moved from roles where name = 'user'`
      expect(row?.moved).toBe(true)
    })
  })

  test('a dump can be restored whatever the clock says: no check constraint speaks of now', async () => {
    await migrate({ url })
    const found = await inDatabase(
      url,
      (sql) =>
        sql`select conname from pg_constraint where contype = 'c' and pg_get_constraintdef(oid) ~ 'now\\(|clock_timestamp|current_(date|time)'`,
    )
    expect(found).toEqual([])
  })
})

describe('Z12: the application’s role', () => {
  test('reads and writes rows and may do nothing else', async () => {
    const database = await cloneTemplate(inject('superuserUrl'))
    // Rights on the database itself are not cloned: granted anew, as every start does.
    await migrate({ url: database.ownerUrl, appRole: APP_ROLE })
    await inDatabase(database.url, async (sql) => {
      const [who] = await sql`select current_user as name`
      expect(who?.name).toBe(APP_ROLE)
      await sql`select count(*) from users`
      for (const forbidden of [
        'create table t (x int)',
        'create schema s',
        'alter table users add column x int',
        'drop table users',
        'truncate users',
        'create temporary table t (x int)',
        "select pg_read_file('/etc/passwd')",
        "copy users to '/tmp/x'",
        'create role r',
        'update incident_revisions set action = action',
        'delete from audit_events',
        "insert into roles (name) values ('root')",
        'delete from schemaversion',
        'select * from pg_authid',
      ]) {
        await expect(sql.unsafe(forbidden), forbidden).rejects.toMatchObject({ code: '42501' })
      }
    })
    // Negative control: the owner may.
    await inDatabase(database.ownerUrl, (sql) => sql.unsafe('create table t (x int)'))
    await database.drop()
  })
})
