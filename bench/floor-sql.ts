import { advanceFamily, insertSession } from '../backend/src/features/auth/queries.ts'
import { createRefreshToken, type RefreshToken } from '../backend/src/features/auth/refresh-tokens.ts'
import { insertIncident } from '../backend/src/features/incidents/queries.ts'
import { randomPhrase } from '../backend/src/features/phrases/choose-phrase.ts'
import { findPublicTimer, listViews } from '../backend/src/features/sharing/queries.ts'
import { buildView } from '../backend/src/features/sharing/shared-view.ts'
import { findClock, listTimers } from '../backend/src/features/timers/queries.ts'
import { openDatabase, type Sql } from '../backend/src/platform/database.ts'

// The statements of a request by the driver alone, with a pool like the API's. Run as a child; told by messages when to begin and to end.

/** Whose things are asked for. */
export interface Subject {
  userId: string
  slug: string
  timerId: string
  createTimerId: string
}

/** What the driver alone did, and what it cost its own process. */
export interface SqlFloor {
  operations: number
  cpu: number
}

const LIFETIMES = { idleSeconds: 604_800, absoluteSeconds: 7_776_000 }

/** The current token of each worker's session. */
const current = new Map<number, RefreshToken>()

const WORK: Record<string, (sql: Sql, subject: Subject, worker: number) => Promise<unknown>> = {
  refresh: async (sql, { userId }, worker) => {
    let token = current.get(worker)
    if (!token) {
      token = createRefreshToken()
      await insertSession(sql, { userId, proved: null }, token, { userAgent: 'bench', ip: '127.0.0.1' }, LIFETIMES)
    }
    const next = { ...createRefreshToken(), familyHash: token.familyHash }
    if (!(await advanceFamily(sql, token, next, LIFETIMES.idleSeconds))) throw new Error('a session is gone')
    current.set(worker, next)
  },
  'public timer': async (sql, { slug }) => {
    const timerId = await findPublicTimer(sql, slug, 'incident-timer')
    const [row] = timerId === null ? [] : await listViews(sql, [{ timerId, linkId: null }])
    if (!row) throw new Error('there is no such timer')
    return buildView(sql, row)
  },
  'timer list': (sql, { userId }) => Promise.all([listTimers(sql, userId), findClock(sql, userId)]),
  create: (sql, { userId, createTimerId }) =>
    insertIncident(sql, { userId, timerId: createTimerId }, { occurredAt: null, notes: 'a note' }),
  'random phrase': (sql, { userId }) => randomPhrase(sql, userId),
}

const [url = '', row = '', given = '{}', workers = '8'] = process.argv.slice(2)
const sql = openDatabase(url)
const subject = JSON.parse(given) as Subject
const work = WORK[row]
let running = false

async function run(): Promise<void> {
  const began = process.cpuUsage()
  let operations = 0
  await Promise.all(
    Array.from({ length: Number(workers) }, async (_, worker) => {
      while (running) {
        await work?.(sql, subject, worker)
        operations++
      }
    }),
  )
  const { user, system } = process.cpuUsage(began)
  process.send?.({ operations, cpu: user + system } satisfies SqlFloor)
}

process.on('message', (message) => {
  running = message === 'begin'
  if (running) void run()
})
process.once('disconnect', () => process.exit())
if (!work) throw new Error(`no statements are known for ${row}`)
// Connections, prepared statements and compiled code, as a process that has run for a while has them.
for (let n = 0; n < 200; n++) await work(sql, subject, n % Number(workers))
process.send?.('ready')
