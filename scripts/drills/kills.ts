import { setTimeout as delay } from 'node:timers/promises'
import { seconds } from '../log.ts'
import { cleanUp, freeSettings, newFolder, runSite, type Site } from '../testing/run-site.ts'
import { createLoad, findLostWrites, killPart, signUp, startReader } from '../testing/site-load.ts'

const PARTS = ['postgres', 'api', 'nuxt', 'nginx'] as const
/** Who reads: a page that needs pages alone, and data that needs the API and the database. */
const TARGETS = ['/', '/backend/incident-timers']
/** No part may be away for longer, and no reader without an answer (hardening L01, O04). */
const BACK_WITHIN_MS = 5_000
/** The supervisor waits ever longer for a part that ends again within 30 s; killed more often, it is that what is measured. */
const RUNS_AT_LEAST_MS = 31_000

/**
 * The whole site under writers and readers, one of its four parts killed at random again and again. Says a line for each kill
 * and a summary; true when no acknowledged write is lost and nobody read in vain for more than 5 s.
 */
export async function drillKills(rounds: number, say: (line: string) => void): Promise<boolean> {
  const settings = await freeSettings(newFolder())
  const site = await runSite({ ...settings, ACCESS_TOKEN_SECONDS: '86400' })
  try {
    if (!/^ready /m.test(site.output())) throw new Error(`the site did not start:\n${site.output()}`)
    return await runRounds(site, rounds, say)
  } finally {
    await cleanUp(site)
  }
}

async function runRounds(site: Site, rounds: number, say: (line: string) => void): Promise<boolean> {
  const token = await signUp(site)
  const load = createLoad(site, token)
  const readers = TARGETS.map((target) => startReader(site, target, token))
  const killedAt = new Map<string, number>()
  const faults: string[] = []
  let slowest = 0
  say('round  killed    back (s)  acknowledged  lost  longest without an answer so far (s)')
  await load.whileWriting(async () => {
    for (let round = 1; round <= rounds && faults.length === 0; round++) {
      const part = await choosePart(killedAt)
      await delay(Math.random() * 1_000)
      killedAt.set(part, Date.now())
      const backAfter = await killPart(site, load, part)
      slowest = Math.max(slowest, backAfter)
      const lost = await findLostWrites(site, [...load.acknowledged])
      const gaps = readers.map((reader) => reader.longestGap())
      if (backAfter > BACK_WITHIN_MS) faults.push(`${part} was away for ${seconds(backAfter)}`)
      if (lost.length > 0) faults.push(`lost: ${lost.join(', ')}`)
      for (const [index, gap] of gaps.entries())
        if (gap > BACK_WITHIN_MS) faults.push(`GET ${TARGETS[index] ?? ''} failed for ${seconds(gap)}`)
      const columns = [
        String(round).padStart(5),
        part.padEnd(8),
        (backAfter / 1000).toFixed(2).padStart(8),
        String(load.acknowledged.length).padStart(12),
        String(lost.length).padStart(4),
        TARGETS.map((target, index) => `${target} ${((gaps[index] ?? 0) / 1000).toFixed(2)}`).join('  '),
      ]
      say(columns.join('  '))
    }
  })
  const longest = Math.max(...readers.map((reader) => reader.longestGap()))
  await Promise.all(readers.map((reader) => reader.stop()))
  for (const fault of faults) say(fault)
  say(
    `${load.acknowledged.length} acknowledged; slowest part back after ${seconds(slowest)}, longest without an answer ${seconds(longest)}`,
  )
  return faults.length === 0
}

/** One of the parts that have run long enough, at random; waits until there is one. */
async function choosePart(killedAt: Map<string, number>): Promise<(typeof PARTS)[number]> {
  for (;;) {
    const ready = PARTS.filter((part) => Date.now() - (killedAt.get(part) ?? 0) > RUNS_AT_LEAST_MS)
    const chosen = ready[Math.floor(Math.random() * ready.length)]
    if (chosen !== undefined) return chosen
    await delay(200)
  }
}
