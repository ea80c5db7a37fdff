import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import type { App } from '../../http/schemas.ts'
import { buildTestApp, testConfig, useHarness } from '../../testing/harness.ts'
import { action, playHistory, type Counts, type Pair, type Row, type Subject } from '../../testing/rotation-histories.ts'
import { TIMES } from '../../testing/rotation-rules.ts'
import { insertSession } from './queries.ts'
import { createRefreshToken } from './refresh-tokens.ts'

const harness = useHarness()
const apps = new Map<string, App>()
let userId: string

beforeAll(async () => {
  userId = (await harness.register()).user.id
})
afterAll(async () => {
  for (const app of apps.values()) await app.close()
})

/** The API as it runs with these secrets; whichever runs knows who was signed out. */
function appWith(names: string[]): App {
  const known = apps.get(names.join())
  if (known) return known
  const jwtSecrets = names.map((name) => `the ${name} secret, long enough for anyone`)
  const { app } = buildTestApp(
    testConfig('postgres://unused', { jwtSecrets }),
    harness.sql,
    {},
    { revoked: harness.parts.revoked },
  )
  apps.set(names.join(), app)
  return app
}

const lifetimes = { idleSeconds: TIMES.idle, absoluteSeconds: TIMES.absolute }

/** A new sign-in, and the API as it sees it. */
async function signIn(): Promise<{ token: string; sessionId: string; subject: Subject }> {
  const token = createRefreshToken()
  const started = await insertSession(
    harness.sql,
    { userId, proved: null },
    token,
    { userAgent: null, ip: '127.0.0.1' },
    lifetimes,
  )
  const sessionId = started?.session_id ?? ''
  const subject: Subject = {
    async refresh(refresh_token, secrets) {
      const answer = await appWith(secrets).inject({ method: 'POST', url: '/backend/auth/refresh', payload: { refresh_token } })
      expect([200, 401]).toContain(answer.statusCode)
      if (answer.statusCode === 401) return null
      const { token: access, refresh_token: refresh } = answer.json<SessionAnswer>()
      return { access, refresh }
    },
    async call(access, outside, secrets) {
      const headers = { authorization: `Bearer ${access}`, ...(outside ? { 'x-from-outside': '1' } : {}) }
      const { statusCode } = await appWith(secrets).inject({ url: '/backend/auth/me', headers })
      expect([200, 401]).toContain(statusCode)
      return statusCode === 200
    },
    async signOut(refresh_token) {
      await harness.app.inject({ method: 'POST', url: '/backend/auth/revoke', payload: { refresh_token } })
    },
    async wait(seconds) {
      await harness.owner`
        update sessions set
          rotated_at = rotated_at - make_interval(secs => ${seconds}),
          used_at = used_at - make_interval(secs => ${seconds}),
          last_used_at = last_used_at - make_interval(secs => ${seconds}),
          expires_at = expires_at - make_interval(secs => ${seconds}),
          absolute_expires_at = absolute_expires_at - make_interval(secs => ${seconds})
        where id = ${sessionId}
      `
    },
    async row() {
      const [row] = await harness.owner<Row[]>`
        select
          generation,
          revoked_at is not null as "isRevoked",
          row(rotated_at, used_at, expires_at, absolute_expires_at)::text as times,
          array(select action from audit_events where target_id = s.id order by created_at) as events,
          exists (select from revoked_sessions where session_id = s.id) as "isMarked"
        from sessions s where id = ${sessionId}
      `
      if (!row) throw new Error('the session is gone')
      return row
    },
  }
  return { token: token.text, sessionId, subject }
}

/** What comes of random histories of sign-ins, with or without a fault planted before the API. */
async function tryHistories(
  runs: number,
  plant: (subject: Subject, sessionId: string) => Subject = (subject) => subject,
): Promise<{ counts: Counts; failed: string | null }> {
  const counts: Counts = {}
  const property = fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 24, size: 'max' }), async (history) => {
    const { token, sessionId, subject } = await signIn()
    await playHistory(plant(subject, sessionId), token, history, counts)
  })
  const result = await fc.check(property, { numRuns: runs })
  const report = fc.defaultReportMessage(result) ?? ''
  return { counts, failed: result.failed ? `${String(result.errorInstance)}\n${report}` : null }
}

describe('any history of a session', () => {
  test(
    'S01, S03, S04, S07: no stale token is accepted, no family has two branches, whoever lost an answer is still signed in',
    async () => {
      const runs = propertyRuns(120)
      const { counts, failed } = await tryHistories(runs)
      expect(failed).toBeNull()
      // What makes the histories worth anything has come about. The rarest come once in some hundred.
      const always = ['rotated', 'repeated', 'reused', 'ended', 'together', 'an answer is lost', 'a lost answer is given again']
      const inLongRuns = [
        ...[
          'a lost answer is given again after more than 30 s',
          'together, and the session ends',
          'a grace is over',
          'unrepeatable',
        ],
        ...['the idle end', 'the absolute end', 'an access token is refused', 'a generation is seen in use'],
        ...['a thief is rotated', 'a thief is repeated', 'a thief is reused'],
      ]
      const missing = [...always, ...(runs >= 5_000 ? inLongRuns : [])].filter((what) => !counts[what])
      expect(missing).toEqual([])
      if (runs >= 5_000) process.stdout.write(`${runs} histories: ${JSON.stringify(counts, null, 2)}\n`)
      // Ten times as long as one takes.
    },
    propertyRuns(120) * 1_000,
  )

  const known = new Map<string, { answered: string[]; waited: number }>()
  /** Remembers the tokens that a session was answered, and how long ago the last was new. */
  function memoryOf(sessionId: string) {
    const memory = known.get(sessionId) ?? { answered: [], waited: 0 }
    known.set(sessionId, memory)
    return memory
  }

  test.each<[string, (subject: Subject, sessionId: string) => Subject]>([
    [
      'a token that was replaced twice is accepted',
      (subject, id) => {
        let last: Pair | null = null
        return {
          ...subject,
          async refresh(token, secrets) {
            const { answered } = memoryOf(id)
            const pair = await subject.refresh(token, secrets)
            if (pair) answered.push(pair.refresh)
            last = pair ?? (answered.length > 2 && answered.at(-3) === token ? last : null)
            return last
          },
        }
      },
    ],
    [
      'a replay extends the grace',
      (subject, id) => ({
        ...subject,
        async refresh(token, secrets) {
          const { answered } = memoryOf(id)
          const pair = await subject.refresh(token, secrets)
          if (pair && answered.includes(pair.refresh))
            await harness.owner`update sessions set rotated_at = now() where id = ${id}`
          if (pair) answered.push(pair.refresh)
          return pair
        },
      }),
    ],
    [
      'a replay begins a second branch',
      (subject, id) => ({
        ...subject,
        async refresh(token, secrets) {
          const { answered } = memoryOf(id)
          const pair = await subject.refresh(token, secrets)
          if (!pair) return null
          const isRepeated = answered.includes(pair.refresh)
          answered.push(pair.refresh)
          return isRepeated ? { ...pair, refresh: createRefreshToken().text } : pair
        },
      }),
    ],
    [
      'a lost answer is given again for a minute only',
      (subject, id) => ({
        ...subject,
        async wait(seconds) {
          memoryOf(id).waited += seconds
          await subject.wait(seconds)
        },
        async refresh(token, secrets) {
          const memory = memoryOf(id)
          const pair = await subject.refresh(token, secrets)
          if (!pair) return null
          if (memory.answered.includes(pair.refresh)) return memory.waited > 60 ? null : pair
          memory.answered.push(pair.refresh)
          memory.waited = 0
          return pair
        },
      }),
    ],
    [
      'reuse ends nothing',
      (subject, id) => ({
        ...subject,
        async refresh(token, secrets) {
          const pair = await subject.refresh(token, secrets)
          if (!pair) await harness.owner`update sessions set revoked_at = null where id = ${id}`
          return pair
        },
      }),
    ],
    [
      'access tokens outlive the session',
      (subject) => ({
        ...subject,
        async call(access, outside, secrets) {
          await subject.call(access, outside, secrets)
          return true
        },
      }),
    ],
  ])(
    'is seen to go wrong when %s',
    async (_fault, plant) => {
      const { failed } = await tryHistories(2_000, plant)
      // By what is compared, whichever of it shows first, and not by an accident.
      expect(failed).toMatch(/^AssertionError: |^Error: no order explains/)
    },
    300_000,
  )
})
