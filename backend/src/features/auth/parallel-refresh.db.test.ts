import http from 'node:http'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import postgres from 'postgres'
import { openDatabase, type Database } from '../../platform/database.ts'
import { endApis, runApi, type RunningApi } from '../../testing/run-api.ts'
import { insertSession } from './queries.ts'
import { createRefreshToken } from './refresh-tokens.ts'

/** Rounds of 20 presentations each; the drill says more. */
const ROUNDS = Number(process.env['REFRESH_ROUNDS'] ?? 20)

let database: TestDatabase
let sql: Database
let api: RunningApi
let userId = ''
beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  sql = openDatabase(database.url, { max: 1 })
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
  const [row] = await owner<{ id: string }[]>`
    insert into users (email, display_name, slug, password_hash) values ('tabs@example.org', 'Tabs', 'tabs', 'none') returning id
  `
  userId = row?.id ?? ''
  await owner.end()
  api = await runApi({ DATABASE_URL: database.url, LOG_LEVEL: 'warn' })
})
afterAll(async () => {
  endApis()
  await sql.end({ timeout: 1 })
  await database.drop()
})

const LIFETIMES = { idleSeconds: 604_800, absoluteSeconds: 15_552_000 }

/** As many connections as requests, so that all of them are under way at once. */
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })

function refresh(refreshToken: string): Promise<{ status: number; body: SessionAnswer }> {
  const payload = JSON.stringify({ refresh_token: refreshToken })
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    const request = http.request(`${api.url}/auth/refresh`, { method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as SessionAnswer }))
    })
    request.on('error', reject)
    request.end(payload)
  })
}

describe('20 tabs that renew their session at the same moment', () => {
  test(`S03: ${ROUNDS} times: all are answered 200 with the same successor, and there is one session`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const token = createRefreshToken()
      const started = await insertSession(sql, { userId, proved: null }, token, { userAgent: null, ip: '127.0.0.1' }, LIFETIMES)
      const sessionId = started?.session_id ?? ''
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token.text)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
      const rows = await sql<{ id: string; generation: number; dead: boolean }[]>`
        select id, generation, revoked_at is not null as dead from sessions where user_id = ${userId}
      `
      expect(rows).toHaveLength(round + 1)
      expect(rows.find(({ id }) => id === sessionId)).toEqual({ id: sessionId, generation: 1, dead: false })
      // Every one of the twenty access tokens is good, and so is the successor.
      const last = answers.at(-1)?.body
      const statuses = await Promise.all(
        answers.map(({ body }) => fetch(`${api.url}/auth/me`, { headers: { authorization: `Bearer ${body.token}` } })),
      )
      expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([200]))
      expect((await refresh(last?.refresh_token ?? '')).status).toBe(200)
    }
  }, 300_000)

  test('S03: a branch would be seen: 20 sessions of one user give 20 successors', async () => {
    const tokens = Array.from({ length: 20 }, () => createRefreshToken())
    for (const token of tokens)
      await insertSession(sql, { userId, proved: null }, token, { userAgent: null, ip: '127.0.0.1' }, LIFETIMES)
    const answers = await Promise.all(tokens.map(({ text }) => refresh(text)))
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(20)
  })
})
