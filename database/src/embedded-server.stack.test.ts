import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { EmbeddedServerError, prepareEmbeddedServer, startEmbeddedServer, type RunningServer } from './embedded-server.ts'

const folders: string[] = []
const servers: RunningServer[] = []

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kw-embedded-'))
  folders.push(folder)
  return folder
}

async function start(dataDir: string, more: { durable?: boolean; password?: string } = {}): Promise<RunningServer> {
  const server = await startEmbeddedServer({ dataDir, port: 0, durable: false, ...more })
  servers.push(server)
  return server
}

async function query<Row>(server: RunningServer, work: (sql: postgres.Sql) => Promise<Row>): Promise<Row> {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('startEmbeddedServer', () => {
  it('L04: forces every commit to disk when durable, with checksums, ICU and UTF-8', async () => {
    const server = await start(newFolder(), { durable: true })
    const rows = await query(
      server,
      (sql) => sql<{ name: string; setting: string }[]>`
        select name, setting from pg_settings
        where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'wal_level', 'archive_mode',
          'listen_addresses', 'unix_socket_directories', 'jit', 'TimeZone', 'password_encryption')`,
    )
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      wal_level: 'minimal',
      archive_mode: 'off',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      jit: 'off',
      TimeZone: 'UTC',
      password_encryption: 'scram-sha-256',
    })
    const [database] = await query(
      server,
      (sql) => sql`
        select datlocprovider, datlocale, datcollate, pg_encoding_to_char(encoding) as encoding, upper('straße') as upper
        from pg_database where datname = current_database()`,
    )
    expect(database).toEqual({ datlocprovider: 'i', datlocale: 'und', datcollate: 'C.UTF-8', encoding: 'UTF8', upper: 'STRASSE' })
  })

  it('S20: logs no statement and no row, whatever fails', async () => {
    const said: string[] = []
    const server = await start(newFolder())
    for (const stream of [server.child.stdout, server.child.stderr])
      stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    await query(server, async (sql) => {
      await sql.unsafe('create table secrets (address text unique)')
      await sql`insert into secrets values ('private@example.org')`
      await expect(sql`insert into secrets values ('private@example.org')`).rejects.toMatchObject({ code: '23505' })
    })
    await server.stop()
    // Negative control: the failure itself is there.
    expect(said.join('')).toContain('duplicate key value violates unique constraint')
    expect(said.join('')).not.toContain('private@example.org')
  })

  it('lets nobody in without the password', async () => {
    const server = await start(newFolder())
    const sql = postgres(server.url.replace(/:[^:@]+@/, ':wrong@'), { max: 1 })
    await expect(sql`select 1`).rejects.toMatchObject({ code: '28P01' })
    await sql.end({ timeout: 1 })
  })

  it('starts again at once on the same folder after a kill -9, with what was committed', async () => {
    const dataDir = newFolder()
    const first = await start(dataDir, { durable: true, password: 'a password with spaces: %/@' })
    await query(first, (sql) => sql.unsafe('create table kept (id int primary key); insert into kept values (1), (2)'))
    first.child.kill('SIGKILL')
    const second = await start(dataDir, { durable: true, password: 'a password with spaces: %/@' })
    expect(await query(second, (sql) => sql`select count(*)::int as n from kept`)).toEqual([{ n: 2 }])
  })

  it('refuses a folder that another server uses, and leaves that server alone', async () => {
    const dataDir = newFolder()
    const first = await start(dataDir, { password: 'secret' })
    await expect(start(dataDir, { password: 'secret' })).rejects.toThrow(/postmaster.pid.* already exists/s)
    expect(await query(first, (sql) => sql`select 1 as n`)).toEqual([{ n: 1 }])
  })

  it('starts in several processes side by side', async () => {
    const all = await Promise.all([1, 2, 3].map(() => start(newFolder())))
    expect(new Set(all.map((server) => server.port)).size).toBe(3)
  })

  it('leaves no process behind after stop', async () => {
    const dataDir = newFolder()
    const server = await start(dataDir)
    await server.stop()
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(server.dataDir)
  })
})

describe('prepareEmbeddedServer', () => {
  const options = { port: 5999, durable: false, password: 'secret' }

  it('refuses the data of another major version', async () => {
    const dataDir = newFolder()
    writeFileSync(path.join(dataDir, 'PG_VERSION'), '16\n')
    await expect(prepareEmbeddedServer({ ...options, dataDir })).rejects.toThrow(
      /holds data of PostgreSQL 16, and this site runs PostgreSQL 17/,
    )
  })

  it('refuses a folder that holds something else', async () => {
    const dataDir = newFolder()
    writeFileSync(path.join(dataDir, 'holiday.jpg'), '')
    await expect(prepareEmbeddedServer({ ...options, dataDir })).rejects.toThrow(EmbeddedServerError)
    expect(readdirSync(dataDir)).toEqual(['holiday.jpg'])
  })

  it('leaves nothing half made when the cluster cannot be created', async () => {
    const folder = newFolder()
    writeFileSync(path.join(folder, 'file'), '')
    await expect(prepareEmbeddedServer({ ...options, dataDir: path.join(folder, 'file/data') })).rejects.toThrow(
      EmbeddedServerError,
    )
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it.runIf(process.getuid?.() === 0)(
    'keeps the data elsewhere when the server cannot enter the folder as its own user, and says so',
    async () => {
      const closed = newFolder()
      mkdirSync(path.join(closed, 'site'), { mode: 0o700 })
      const lines: string[] = []
      const wanted = path.join(closed, 'site/postgres')
      const prepared = await prepareEmbeddedServer({ ...options, dataDir: wanted, log: (line) => lines.push(line) })
      folders.push(prepared.dataDir)
      expect(prepared.dataDir).toMatch(/^\/var\/lib\/kennwilliamson\/data-[0-9a-f]{12}$/)
      expect(lines.join('\n')).toContain(prepared.dataDir)
      expect(readFileSync(`${wanted}.location`, 'utf8').trim()).toBe(prepared.dataDir)
      const again = await prepareEmbeddedServer({ ...options, dataDir: wanted })
      expect(again).toMatchObject({ dataDir: prepared.dataDir, created: false })
    },
  )
})
