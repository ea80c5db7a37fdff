import postgres from 'postgres'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { databaseOf, quoteName, withDatabase, type DatabaseUrls } from './environment.ts'
import { provideRoles } from './roles.ts'
import { inDatabase } from './testing/filled-database.ts'
import { runProgram } from './testing/run-program.ts'

const superuser = inject('superuserUrl')
const OWNER = `Ow"ner_${process.pid}`
const APP = `app_${process.pid}`
const DATABASE = `roles_${process.pid}`

function urlOf(user: string, password: string): string {
  const url = new URL(withDatabase(superuser, DATABASE))
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return url.href
}
const urls = (owner = `o'w"n\\er %/@:?`, app = 'app-password'): DatabaseUrls & { app: string } => ({
  superuser,
  owner: urlOf(OWNER, owner),
  app: urlOf(APP, app),
})

afterAll(async () => {
  await inDatabase(superuser, async (sql) => {
    await sql.unsafe(`drop database if exists ${quoteName(DATABASE)} with (force)`)
    for (const role of [OWNER, APP]) await sql.unsafe(`drop role if exists ${quoteName(role)}`)
  })
})

describe('provideRoles', () => {
  test('makes the database and both roles, which sign in with their passwords, whatever is in them', async () => {
    await provideRoles(urls())
    await inDatabase(urls().owner, async (sql) => {
      const [row] = await sql`select current_user as who, current_database() as name`
      expect(row).toEqual({ who: OWNER, name: DATABASE })
      await sql.unsafe('create table t (x int)')
      expect(await sql`select 'A'::citext = 'a' as same`).toEqual([{ same: true }])
    })
    await inDatabase(urls().app, async (sql) => {
      await expect(sql.unsafe('create table public.u (x int)')).rejects.toMatchObject({ code: '42501' })
      await expect(sql.unsafe('select * from public.t')).rejects.toMatchObject({ code: '42501' })
    })
    const roles = await inDatabase(
      superuser,
      (sql) => sql`
        select rolsuper or rolcreatedb or rolcreaterole or rolreplication as may_more, rolpassword like 'SCRAM-SHA-256$4096:%' as scram
        from pg_authid where rolname in (${OWNER}, ${APP})`,
    )
    expect([...roles]).toEqual([1, 2].map(() => ({ may_more: false, scram: true })))
  })

  test('may run again and again, at once too, and sets new passwords', async () => {
    await Promise.all([1, 2, 3].map(() => provideRoles(urls())))
    await provideRoles(urls('another', 'yet-another'))
    expect(await inDatabase(urls('another').owner, (sql) => sql`select 1 as one`)).toHaveLength(1)
    const sql = postgres(urls().owner, { max: 1 })
    await expect(sql`select 1`).rejects.toMatchObject({ code: '28P01' })
    await sql.end({ timeout: 1 })
    await inDatabase(urls('another').owner, (sql) => sql.unsafe('select * from t'))
  })

  test('Z12: lets no other role in', async () => {
    await provideRoles(urls())
    const stranger = `stranger_${process.pid}`
    await inDatabase(superuser, (sql) => sql.unsafe(`create role ${stranger} login password 'x'`))
    const sql = postgres(urlOf(stranger, 'x'), { max: 1 })
    await expect(sql`select 1`).rejects.toMatchObject({ code: '42501' })
    await sql.end({ timeout: 1 })
    await inDatabase(superuser, (sql) => sql.unsafe(`drop role ${stranger}`))
  })

  test('sends no password to the server, which might log the statement', async () => {
    const sent: string[] = []
    await inDatabase(superuser, async (watcher) => {
      const state = { on: true }
      const running = provideRoles(urls('a-password-to-look-for', 'b-password-to-look-for')).finally(() => (state.on = false))
      while (state.on) {
        const rows = await watcher<{ query: string }[]>`
          select query from pg_stat_activity where application_name = 'kennwilliamson-roles'`
        sent.push(...rows.map(({ query }) => query))
      }
      await running
    })
    // Negative control: its statements were seen.
    expect(sent.join('\n')).toMatch(/alter role|grant connect|create extension|alter schema/)
    expect(sent.join('\n')).not.toContain('password-to-look-for')
  })

  test('refuses what does not fit together, and shows no password', async () => {
    const { owner, app } = urls()
    await expect(provideRoles({ owner, app, superuser: undefined })).rejects.toThrow('SUPERUSER_URL must be set')
    await expect(provideRoles({ owner, app: withDatabase(app, 'other'), superuser })).rejects.toThrow('the same database')
    await expect(provideRoles({ owner: withDatabase(superuser, DATABASE), app, superuser })).rejects.toThrow('is the superuser')
    await expect(provideRoles(urls('pässword'))).rejects.toThrow(`The password of ${OWNER} must be printable ASCII.`)
    const program = await runProgram('roles-cli.ts', [], {
      SUPERUSER_URL: superuser.replace(/:[^:@]+@/, ':hunter2hunter2@'),
      MIGRATION_DATABASE_URL: owner,
      DATABASE_URL: app,
    })
    expect(program).toMatchObject({ code: 1, output: expect.stringContaining('password authentication failed') })
    expect(program.output).not.toMatch(/hunter2|app-password/)
    expect(databaseOf(owner)).toBe(DATABASE)
  })
})
