import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLedger, type Ledger, type Row } from './drills/ledger.ts'
import { canMount, startOnSmallDisk, type OnSmallDisk } from './drills/small-disk.ts'
import { askApi, PASSWORD, register, type Answer } from './drills/writers.ts'

/** Without the right to mount there is no disk that may be filled. */
describe.runIf(canMount())('a data folder without room', () => {
  let site: OnSmallDisk
  let sql: postgres.Sql
  let token: string
  let ledger: Ledger

  async function start(databaseSettings?: Record<string, string>): Promise<void> {
    site = await startOnSmallDisk(databaseSettings)
    token = await register(site.apiUrl, 'ada')
    ledger = createLedger()
    await connect()
    // What a new database has only reserved is written by now.
    await sql`checkpoint`
  }
  async function connect(): Promise<void> {
    sql = postgres(site.superuserUrl, { max: 1, onnotice: () => undefined })
    await sql`select 1`
  }
  afterEach(async () => {
    await sql.end({ timeout: 1 })
    await site.stop()
  })

  async function write(number: number): Promise<Answer | null> {
    const marker = `n${number}`
    const notes = `${marker} ${randomBytes(900).toString('hex')}`
    const entry = ledger.open(marker, notes)
    const key = number % 2 === 0 ? {} : { key: marker }
    const answer = await askApi(site.apiUrl, 'POST', '/incident-timers', { token, body: { notes }, ...key })
    ledger.settle(entry, answer?.status === 201 ? 'acknowledged' : 'unknown')
    return answer
  }

  /** Writes until nothing more has room; answers with what was answered then. */
  async function writeUntilFull(): Promise<(Answer | null)[]> {
    site.fill(400_000)
    const refused: (Answer | null)[] = []
    for (let number = 0; refused.length < 40 && number < 2_000; number++) {
      const answer = await write(number)
      if (answer?.status !== 201) refused.push(answer)
    }
    site.fill(0)
    return refused
  }

  /** The statuses of what must go on: reading, looking at the shared page, signing in and reading then. */
  async function readAndSignIn(): Promise<Record<string, number | undefined>> {
    const body = { email: 'ada@example.org', password: PASSWORD }
    const signedIn = await askApi(site.apiUrl, 'POST', '/auth/login', { body })
    const later = (JSON.parse(signedIn?.body ?? '{}') as { token?: string }).token ?? ''
    const statusOf = async (path: string, as: string): Promise<number | undefined> =>
      (await askApi(site.apiUrl, 'GET', path, { token: as }))?.status
    return {
      signIn: signedIn?.status,
      incidents: await statusOf('/incident-timers', token),
      incidentsThen: await statusOf('/incident-timers', later),
      timers: await statusOf('/timers', later),
      shared: await statusOf('/shared/ada/incident-timer', ''),
      ready: await statusOf('/health/ready', ''),
    }
  }
  const allWell = { signIn: 200, incidents: 200, incidentsThen: 200, timers: 200, shared: 200, ready: 200 }

  async function startTime(): Promise<string> {
    const [row] = await sql<{ since: string }[]>`select pg_postmaster_start_time()::text as since`
    return row?.since ?? ''
  }

  describe('under the site’s own settings', () => {
    beforeEach(() => start())

    it('L07: refuses writes with 503, goes on reading and signing in, and writes again as soon as there is room', async () => {
      const refused = await writeUntilFull()
      // Negative control: it is the room that is missing.
      const filling = sql`create table filling as select repeat('x', 100) as words from generate_series(1, 1000)`
      await expect(filling).rejects.toMatchObject({ code: '53100' })
      expect(new Set(refused.map((answer) => answer?.status))).toEqual(new Set([503]))
      for (const answer of refused) {
        expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE' })
        expect(answer?.body).not.toMatch(/space|extend|base\/|postgres/i)
      }
      expect(await readAndSignIn()).toEqual(allWell)

      site.free()
      for (let number = 10_000; number < 10_020; number++) expect((await write(number))?.status).toBe(201)
      expect(site.apiRunsOn()).toBe(true)
      const rows = await sql<Row[]>`select id, notes from incidents`
      expect(ledger.counts.acknowledged).toBeGreaterThan(50)
      expect(ledger.compare(rows)).toEqual([])
    })

    it('L07: survives a checkpoint and a kill meanwhile, and loses nothing', async () => {
      await writeUntilFull()
      const since = await startTime()
      await sql`checkpoint`
      expect(await startTime()).toBe(since)
      expect(await readAndSignIn()).toEqual(allWell)

      await sql.end({ timeout: 1 })
      await site.killDatabase()
      await site.startDatabase()
      await connect()
      expect(await readAndSignIn()).toEqual(allWell)
      expect(ledger.compare(await sql<Row[]>`select id, notes from incidents`)).toEqual([])
    })
  })

  it('L07: would take the server down at the next checkpoint if it kept replication slots', async () => {
    await start({ max_replication_slots: '10' })
    await writeUntilFull()
    await expect(sql`checkpoint`).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION|ECONN|57P0/) })
  })
})
