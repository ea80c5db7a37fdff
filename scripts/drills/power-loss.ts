import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { seconds } from '../log.ts'
import { newFolder } from '../testing/run-site.ts'
import { startDatabaseAndApi, type DatabaseAndApi } from './database-and-api.ts'
import { createLedger, type Ledger, type Row } from './ledger.ts'
import { register, write, type Outage } from './writers.ts'

const WRITERS = 8
/** The API must be back this long after the database is (hardening O04). */
const RECOVERS_WITHIN_MS = 5_000

export interface Options {
  rounds: number
  /** Settings of the server that replace the site's own. For the negative control. */
  databaseSettings?: Record<string, string>
  /** Ends the rounds at the first loss. */
  untilLoss?: boolean
  /** Told one line for each round. */
  say?: (line: string) => void
}

/** What the rounds came to. */
export interface Result {
  rounds: number
  acknowledged: number
  unknown: number
  /** One sentence for each acknowledged change that the database does not hold exactly. */
  lost: string[]
  /** Whatever else a healthy site would not do. */
  faults: string[]
  /** The longest time from the kill until a write was acknowledged again, in milliseconds. */
  awayMs: number
  /** The longest time from the database's readiness until then, in milliseconds. */
  recoveryMs: number
}

/**
 * What makes PostgreSQL acknowledge what it has not written: with these, a drill that is not blind reports losses. The writer
 * of the log sleeps for its longest, and is not woken by the amount of work.
 */
export const CARELESS = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' }

/**
 * The drill and its negative control. Says a line for each round and a summary; true when nothing was lost and the control,
 * with a careless server, noticed losses (hardening L01, L03).
 */
export async function drillPowerLossAndControl(rounds: number, say: (line: string) => void): Promise<boolean> {
  const { acknowledged, unknown, lost, faults, awayMs, recoveryMs } = await drillPowerLoss({ rounds, say })
  for (const line of [...lost.slice(0, 20), ...faults]) say(line)
  say(
    `${acknowledged} acknowledged, ${unknown} without an answer, ${lost.length} lost; away for ${seconds(awayMs)} at most, ` +
      `of which the API took ${seconds(recoveryMs)} at most`,
  )
  say(`\nNegative control, with ${Object.entries(CARELESS).flat().join(' ')}: must lose writes`)
  const control = await drillPowerLoss({ rounds: 5, databaseSettings: CARELESS, untilLoss: true, say })
  const noticed = control.lost.length > 0
  say(noticed ? `${control.lost.length} losses noticed` : 'no loss noticed: the drill is blind')
  return lost.length === 0 && faults.length === 0 && noticed
}

/**
 * L01: writers through the API, all of PostgreSQL killed with SIGKILL at a random moment, started again, and each acknowledged
 * write compared with what is there. It is the death of all processes, not of the kernel: what PostgreSQL has handed over to
 * the kernel stays. That it also asks the kernel to force it to disk is what L04 asserts.
 */
export async function drillPowerLoss(options: Options): Promise<Result> {
  const folder = newFolder()
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  // An interrupted drill ends here too: the kernel stops its children.
  process.once('exit', removeFolder)
  let parts: DatabaseAndApi | undefined
  try {
    parts = await startDatabaseAndApi({ folder, databaseSettings: options.databaseSettings ?? {} })
    return await runRounds(parts, options)
  } finally {
    await parts?.stop()
    process.off('exit', removeFolder)
    removeFolder()
  }
}

async function runRounds(parts: DatabaseAndApi, { rounds, untilLoss = false, say = () => undefined }: Options): Promise<Result> {
  const result: Result = { rounds: 0, acknowledged: 0, unknown: 0, lost: [], faults: [], awayMs: 0, recoveryMs: 0 }
  const ledger = createLedger()
  const tokens: string[] = []
  for (let number = 1; number <= WRITERS; number++) tokens.push(await register(parts.apiUrl, `writer${number}`))
  // The accounts are no part of the drill, also where the server forces nothing to disk by itself.
  await query(parts, (sql) => sql`checkpoint`)
  say('round  acknowledged  unknown  lost  away (s)  recovery of the API (s)')
  while (result.rounds < rounds && result.faults.length === 0 && !(untilLoss && result.lost.length > 0)) {
    const before = { ...ledger.counts, lost: result.lost.length }
    const { awayMs, recoveryMs } = await runRound(parts, ledger, tokens, ++result.rounds)
    if (recoveryMs > RECOVERS_WITHIN_MS) result.faults.push(`the API needed more than ${RECOVERS_WITHIN_MS / 1000} s`)
    if (!parts.apiRunsOn()) result.faults.push(`the API has ended: ${parts.apiWords()}`)
    result.lost = ledger.compare(await listIncidents(parts))
    result.awayMs = Math.max(result.awayMs, awayMs)
    result.recoveryMs = Math.max(result.recoveryMs, recoveryMs)
    const columns = [
      String(result.rounds).padStart(5),
      String(ledger.counts.acknowledged - before.acknowledged).padStart(12),
      String(ledger.counts.unknown - before.unknown).padStart(7),
      String(result.lost.length - before.lost).padStart(4),
      (awayMs / 1000).toFixed(2).padStart(8),
      (recoveryMs / 1000).toFixed(2).padStart(23),
    ]
    say(columns.join('  '))
  }
  result.faults.push(...ledger.surprises.slice(0, 5))
  // A kill that interrupts nothing has tried nothing.
  if (ledger.counts.unknown < result.rounds) result.faults.push('the kills hit too few writes to tell anything')
  return { ...result, ...ledger.counts }
}

/** One round, in milliseconds: from the kill, and from the database's readiness, until a write was acknowledged. */
async function runRound(
  { apiUrl, killDatabase, startDatabase }: DatabaseAndApi,
  ledger: Ledger,
  tokens: string[],
  round: number,
): Promise<{ awayMs: number; recoveryMs: number }> {
  const outage: Outage = { killedAt: null, recoveredAt: null }
  const state = { over: false }
  const writing = tokens.map((token, index) =>
    write({ apiUrl, token, name: `r${round}w${index + 1}`, ledger, outage }, () => state.over),
  )
  try {
    await delay(200 + Math.random() * 600)
    outage.killedAt = performance.now()
    await killDatabase()
    await startDatabase()
    const readyAt = performance.now()
    while (outage.recoveredAt === null && performance.now() - readyAt < 3 * RECOVERS_WITHIN_MS) await delay(10)
    const recoveredAt = outage.recoveredAt ?? performance.now()
    await delay(100)
    return { awayMs: recoveredAt - outage.killedAt, recoveryMs: Math.max(0, recoveredAt - readyAt) }
  } finally {
    state.over = true
    await Promise.all(writing)
  }
}

async function listIncidents(parts: DatabaseAndApi): Promise<Row[]> {
  return await query(parts, (sql) => sql<Row[]>`select id, notes from incidents where undone_at is null`)
}

async function query<Result>({ superuserUrl }: DatabaseAndApi, work: (sql: postgres.Sql) => Promise<Result>): Promise<Result> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
