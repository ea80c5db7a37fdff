import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { readSecret } from '../secrets.ts'
import { ask, type Site } from './run-site.ts'

export const ACCOUNT = { email: 'stack@example.org', password: 'a long enough passphrase 7', display_name: 'Stack Test' }

/** Makes the account and answers with its access token. */
export async function signUp(site: Site): Promise<string> {
  const answer = await ask(site, 'POST', '/backend/auth/register', ACCOUNT)
  if (answer.status !== 201) throw new Error(`cannot register: ${answer.status} ${answer.body}`)
  return (JSON.parse(answer.body) as { token: string }).token
}

/** Writers that come through the front door, and what they were told. */
export interface Load {
  /** The ids of all incidents that were acknowledged. */
  acknowledged: string[]
  /** One more incident; true when it was acknowledged. */
  write: () => Promise<boolean>
  /** Two writers, each about ten times a second, as long as the work takes. */
  whileWriting: <Result>(work: () => Promise<Result>) => Promise<Result>
}

/** Writes as the owner of this token. */
export function createLoad(site: Site, token: string): Load {
  const acknowledged: string[] = []
  const write = async (): Promise<boolean> => {
    const answer = await ask(site, 'POST', '/backend/incident-timers', {}, token).catch(() => null)
    if (answer?.status !== 201) return false
    acknowledged.push((JSON.parse(answer.body) as { id: string }).id)
    return true
  }
  return {
    acknowledged,
    write,
    async whileWriting(work) {
      const writers = { on: true }
      const writing = Promise.all(
        [1, 2].map(async () => {
          // Together with the rest below 50 requests a second, which is where nginx begins to refuse.
          while (writers.on) {
            await write()
            await delay(100)
          }
        }),
      )
      try {
        return await work()
      } finally {
        writers.on = false
        await writing
      }
    },
  }
}

/**
 * Ends one part of the site with SIGKILL and waits until it runs again, a page is answered and a write acknowledged. Resolves
 * to the milliseconds that took, and to Infinity after 15 s.
 */
export async function killPart(site: Site, load: Load, name: string): Promise<number> {
  const victim = site.instance().children.find((child) => child.name === name)
  if (victim === undefined) throw new Error(`there is no ${name} to kill:\n${site.output()}`)
  const began = Date.now()
  process.kill(victim.pid, 'SIGKILL')
  await delay(50)
  while (Date.now() - began < 15_000) {
    await delay(100)
    const page = await ask(site, 'GET', '/').catch(() => null)
    const isNew = site.instance().children.some((child) => child.name === name && child.pid !== victim.pid)
    if (page?.status === 200 && (await load.write()) && isNew) return Date.now() - began
  }
  return Infinity
}

/** Those of these incidents that the database does not hold. */
export async function findLostWrites(site: Site, acknowledged: string[]): Promise<string[]> {
  const password = readSecret(path.join(site.dataDir, 'secrets/postgres-app'))
  const url = `postgres://kennwilliamson_app:${password}@127.0.0.1:${site.environment['POSTGRES_PORT'] ?? ''}/kennwilliamson`
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const rows = await sql<{ id: string }[]>`select id from incidents where undone_at is null`
    const kept = new Set(rows.map(({ id }) => id))
    return acknowledged.filter((id) => !kept.has(id))
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Asks for a page again and again, and notes the longest time without a good answer. */
export interface Reader {
  /** In milliseconds, up to now. */
  longestGap: () => number
  stop: () => Promise<void>
}

/** Begins to read `target` about ten times a second; `token` signs the reader in. */
export function startReader(site: Site, target: string, token?: string): Reader {
  const state = { on: true, lastGood: Date.now(), longest: 0 }
  const note = (): number => (state.longest = Math.max(state.longest, Date.now() - state.lastGood))
  const reading = (async () => {
    while (state.on) {
      const answer = await ask(site, 'GET', target, undefined, token).catch(() => null)
      note()
      if (answer?.status === 200) state.lastGood = Date.now()
      await delay(100)
    }
  })()
  return {
    longestGap: note,
    async stop() {
      state.on = false
      await reading
    },
  }
}
