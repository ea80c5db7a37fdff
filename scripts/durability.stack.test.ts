import { rmSync } from 'node:fs'
import postgres from 'postgres'
import { serverSettings } from '@kennwilliamson/database/embedded-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDatabaseAndApi, type DatabaseAndApi } from './drills/database-and-api.ts'
import { findWeakSettings, type Expected } from './drills/durability.ts'
import { newFolder } from './testing/run-site.ts'

const { wal_level, archive_mode } = serverSettings(1, true)
/** As the code says. */
const expected = { wal_level, archive_mode } as Expected

describe('the embedded server as the site runs it', () => {
  let parts: DatabaseAndApi
  const folder = newFolder()
  beforeAll(async () => {
    parts = await startDatabaseAndApi({ folder })
  })
  afterAll(async () => {
    await parts.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  })

  it('L04: keeps what it acknowledges, for the API and for everybody else', async () => {
    expect(await findWeakSettings(parts.appUrl, expected)).toEqual([])
    expect(await findWeakSettings(parts.superuserUrl, expected)).toEqual([])
  })

  it('L04: is noticed where it archives and should not, or does not and should', async () => {
    const other: Expected = { wal_level: wal_level === 'minimal' ? 'replica' : 'minimal', archive_mode: 'on' }
    const sentences = await findWeakSettings(parts.appUrl, other)
    expect(sentences).toContain(`wal_level is ${wal_level} and must be ${other.wal_level}`)
  })

  it('L04: is noticed where one role or one database is exempt', async () => {
    const sql = postgres(parts.superuserUrl, { max: 1, onnotice: () => undefined })
    try {
      await sql.unsafe('alter role kennwilliamson_app set synchronous_commit = off')
      expect(await findWeakSettings(parts.appUrl, expected)).toEqual([
        'synchronous_commit is off and must be on',
        'synchronous_commit is off for kennwilliamson_app and must be on',
      ])
      expect(await findWeakSettings(parts.superuserUrl, expected)).toEqual([
        'synchronous_commit is off for kennwilliamson_app and must be on',
      ])
      await sql.unsafe('alter role kennwilliamson_app reset synchronous_commit')
      expect(await findWeakSettings(parts.appUrl, expected)).toEqual([])
    } finally {
      await sql.end({ timeout: 1 })
    }
  })
})

it.each(['fsync', 'full_page_writes', 'synchronous_commit'])('L04: a server with %s off is noticed', async (name) => {
  const folder = newFolder()
  const parts = await startDatabaseAndApi({ folder, databaseSettings: { [name]: 'off' } })
  try {
    expect(await findWeakSettings(parts.appUrl, expected)).toEqual([`${name} is off and must be on`])
  } finally {
    await parts.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  }
})
