import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import type { SessionAnswer } from '@kennwilliamson/contracts/auth'
import { Problem, type ErrorCode } from '@kennwilliamson/contracts/errors'
import { buildApp, type AppOptions, type Parts } from '../app.ts'
import { readConfig, type Config } from '../config.ts'
import { createAccessTokens } from '../features/auth/access-tokens.ts'
import { refreshKeyOf } from '../features/auth/refresh-tokens.ts'
import { createRevokedSessions } from '../features/auth/revoked-sessions.ts'
import { grantRole } from '../features/roles/queries.ts'
import { createCards } from '../features/sharing/cards.ts'
import { createLive } from '../features/sharing/live.ts'
import { createReadyViews } from '../features/sharing/ready-views.ts'
import { readShown } from '../features/sharing/shared-view.ts'
import type { App } from '../http/schemas.ts'
import { openDatabase, type Database } from '../platform/database.ts'
import { createTally } from '../platform/tally.ts'

export const JWT_SECRET = 'a secret for tests of sufficient length'
export const SITE_URL = 'https://localhost:8443'
export const PASSWORD = 'a quiet day in the north'

/** The API on a database of its own, as the server runs it, with every answer checked against its schema. */
export interface Harness {
  app: App
  parts: Parts
  /** As the application's role. */
  sql: Database
  /** As the owner: to look behind the scenes and to make time pass. */
  owner: postgres.Sql
  logs: string[]
  /** Sends a request; `token` signs it in. */
  call: (method: string, path: string, options?: CallOptions) => Promise<CallResult>
  /** A new account with a name, an address and a network of its own. */
  register: (overrides?: Record<string, unknown>) => Promise<SessionAnswer>
  /** The same, and an administrator. */
  registerAdmin: () => Promise<SessionAnswer>
}

export interface CallOptions {
  body?: unknown
  token?: string
  headers?: Record<string, string>
  ip?: string
}

export interface CallResult {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  text: string
  body: never
}

/** A configuration as `readConfig` makes it, with what a test wants otherwise. */
export function testConfig(databaseUrl: string, overrides: Partial<Config> = {}): Config {
  return { ...readConfig({ DATABASE_URL: databaseUrl, JWT_SECRET, SITE_URL, LOG_LEVEL: 'debug' }), ...overrides }
}

/** Builds an app on an open database. */
export function buildTestApp(
  config: Config,
  sql: Database,
  options: AppOptions = {},
  more: Partial<Parts> = {},
): { app: App; parts: Parts } {
  const tally = createTally()
  const parts: Parts = {
    config,
    sql,
    version: '0.0.0-test',
    probeCertificate: null,
    state: { draining: false },
    tally,
    live: createLive({ read: (targets) => readShown(sql, targets), tally, onError: () => undefined }),
    readyViews: createReadyViews({ isHeard: () => false }),
    cards: createCards(),
    observe: null,
    // Its clock stands still: what it knows stays proved, since nothing is revoked but by this app.
    revoked: createRevokedSessions(2 * config.accessTokenSeconds, () => 0),
    tokens: createAccessTokens({
      secrets: config.jwtSecrets,
      issuer: config.siteUrl,
      lifetimeSeconds: config.accessTokenSeconds,
    }),
    refreshKeys: config.jwtSecrets.map(refreshKeyOf) as [Buffer, ...Buffer[]],
    ...more,
  }
  if (!more.revoked) parts.revoked.load([])
  return { app: buildApp(parts, { checkAnswers: true, logStream: { write: () => undefined }, ...options }), parts }
}

/** Sets up the harness for a test file and takes it down again, a leaked connection included. */
export function useHarness(
  options: { config?: Partial<Config>; app?: AppOptions; parts?: (sql: Database) => Partial<Parts> } = {},
): Harness {
  const harness = {} as Harness
  let database: TestDatabase

  beforeAll(async () => {
    database = await cloneTemplate(inject('superuserUrl'))
    harness.sql = openDatabase(database.url)
    harness.owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
    harness.logs = []
    const logStream = { write: (line: string) => void harness.logs.push(line) }
    const config = testConfig(database.url, options.config)
    const more = options.parts?.(harness.sql)
    Object.assign(harness, buildTestApp(config, harness.sql, { logStream, ...options.app }, more))
    harness.call = (method, path, callOptions) => call(harness.app, method, path, callOptions)
    harness.register = async (overrides = {}) => {
      const id = randomUUID().slice(0, 8)
      const answer = await harness.call('POST', '/auth/register', {
        body: { email: `${id}@example.org`, password: PASSWORD, display_name: `Person ${id}`, ...overrides },
        ip: randomAddress(),
      })
      if (answer.status !== 201) throw new Error(`could not register: ${answer.text}`)
      return answer.body
    }
    harness.registerAdmin = async () => {
      const account = await harness.register()
      await grantRole(harness.sql, account.user.id, 'admin')
      return account
    }
  })

  afterAll(async () => {
    await harness.app.close()
    await harness.sql.end({ timeout: 2 })
    const open = await harness.owner`
      select state, query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'
    `
    await harness.owner.end({ timeout: 2 })
    await database.drop()
    expect(open, 'a transaction was left open').toEqual([])
  })
  return harness
}

async function call(
  app: App,
  method: string,
  path: string,
  { body, token, headers = {}, ip }: CallOptions = {},
): Promise<CallResult> {
  const response = await app.inject({
    method: method as 'GET',
    url: `/backend${path}`,
    remoteAddress: ip ?? '127.0.0.1',
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  const isJson = /json/.test(String(response.headers['content-type']))
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.payload,
    body: (isJson && response.payload ? response.json() : undefined) as never,
  }
}

/** An address that no other test uses: limits count by network. */
export function randomAddress(): string {
  const byte = () => Math.floor(Math.random() * 254) + 1
  return `10.${byte()}.${byte()}.${byte()}`
}

/** Asserts a problem document of the catalogue in full. */
export function expectProblem(result: CallResult, status: number, code: ErrorCode): void {
  expect(result.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  const problem = Problem.strict().parse(result.body)
  expect({ status: result.status, code: problem.code }).toEqual({ status, code })
  expect(problem.status).toBe(status)
  expect(problem.error).toBe(problem.detail)
  expect(result.headers['x-request-id']).toMatch(/^[\w-]{8,64}$/)
}

/** Makes time pass for every session: all its times move into the past. */
export async function ageSessions(owner: postgres.Sql, seconds: number): Promise<void> {
  await owner`
    update sessions set
      rotated_at = rotated_at - make_interval(secs => ${seconds}),
      used_at = used_at - make_interval(secs => ${seconds}),
      last_used_at = last_used_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}),
      absolute_expires_at = absolute_expires_at - make_interval(secs => ${seconds})
  `
}
