import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { fillDatabase, inDatabase, newBackupFolder, readEverything } from '../testing/filled-database.ts'
import { cloneTemplate, type TestDatabase } from '../testing/template-database.ts'
import { getBackup, verifyBackup } from './backup-folder.ts'
import { compareWithManifest, loadRows } from './load-backup.ts'
import { inOrderOfForeignKeys, listTables } from './schema.ts'
import { takeBackup } from './take-backup.ts'

const superuserUrl = inject('superuserUrl')
let source: TestDatabase
let target: TestDatabase

/** What later migrations may bring: numbers that PostgreSQL gives and computes, and rows that point at rows of their own table. */
const LATER = `
  create table zebras (
    id bigint generated always as identity,
    parent_id bigint,
    name text not null,
    name_length integer generated always as (char_length(name)) stored,
    constraint zebras_pkey primary key (id),
    constraint zebras_parent_id_fkey foreign key (parent_id) references zebras (id) on delete cascade
  );
  create table ants (
    id serial,
    dropped integer,
    zebra_id bigint not null,
    constraint ants_pkey primary key (id),
    constraint ants_zebra_id_fkey foreign key (zebra_id) references zebras (id) on delete cascade
  );
  alter table ants drop column dropped;
  create sequence untouched;
`

beforeAll(async () => {
  source = await cloneTemplate(superuserUrl)
  target = await cloneTemplate(superuserUrl)
  for (const { ownerUrl } of [source, target]) await inDatabase(ownerUrl, (sql) => sql.unsafe(LATER))
  await fillDatabase(source.ownerUrl)
  await inDatabase(source.ownerUrl, async (sql) => {
    // Points at what comes later in the order of the keys.
    await sql.unsafe("insert into zebras (parent_id, name) values (3, 'a'), (1, 'bb'), (null, 'ccc')")
    await sql.unsafe('insert into ants (zebra_id) select id from zebras')
    await sql.unsafe('delete from ants where id = 3')
  })
})

afterAll(async () => {
  await source.drop()
  await target.drop()
})

describe('a backup of a schema as it may become', () => {
  test('restores identities, computed columns and sequences, which then go on where they were', async () => {
    const folder = await newBackupFolder()
    const { name } = await takeBackup({ ownerUrl: source.ownerUrl, folder, format: 'tables' })
    const backup = await getBackup(folder, name)
    const manifest = await verifyBackup(backup)
    expect(manifest.tables.find((table) => table.name === 'zebras')?.columns).toEqual(['id', 'parent_id', 'name'])
    expect(manifest.sequences).toEqual([
      { name: 'ants_id_seq', last_value: '3', is_called: true },
      { name: 'untouched', last_value: '1', is_called: false },
      { name: 'zebras_id_seq', last_value: '3', is_called: true },
    ])
    await loadRows(target.ownerUrl, backup, manifest)
    await compareWithManifest(target.ownerUrl, manifest)
    const [before, after] = [await readEverything(source.ownerUrl), await readEverything(target.ownerUrl)]
    expect(after).toEqual({ ...before, backup_runs: [] })
    const [ant] = await inDatabase(target.ownerUrl, (sql) => sql`insert into ants (zebra_id) values (1) returning id`)
    expect(ant).toEqual({ id: 4 })
    // Negative control: the comparison sees that, and the sequence.
    await expect(compareWithManifest(target.ownerUrl, manifest)).rejects.toThrow(
      'ants has 3 rows, not 2; sequences stand elsewhere',
    )
  })

  test('lists no table of an extension, and each after those it points at', async () => {
    await inDatabase(source.ownerUrl, async (sql) => {
      await sql.unsafe('create table of_an_extension (id int primary key); alter extension citext add table of_an_extension')
      const names = (await listTables(sql)).map(({ name }) => name)
      expect(names).not.toContain('of_an_extension')
      expect(names).not.toContain('schemaversion')
      for (const [first, then] of [
        ['zebras', 'ants'],
        ['users', 'timers'],
        ['timers', 'incidents'],
        ['roles', 'user_roles'],
      ] as const)
        expect([first, then, names.indexOf(first) < names.indexOf(then)]).toEqual([first, then, true])
      await sql.unsafe('alter extension citext drop table of_an_extension; drop table of_an_extension')
    })
  })

  test('says it when foreign keys point in a circle', () => {
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    expect(inOrderOfForeignKeys([a, b, c], [{ from: 'a', to: 'c' }])).toEqual([b, c, a])
    const circle = [
      { from: 'a', to: 'c' },
      { from: 'c', to: 'a' },
    ]
    expect(() => inOrderOfForeignKeys([a, b, c], circle)).toThrow('The foreign keys of a, c point in a circle.')
  })
})
