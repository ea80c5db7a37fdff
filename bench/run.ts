import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ROOT } from '../scripts/checks/project-root.ts'
import { runningSuperuser } from '../scripts/database-tool.ts'
import { databaseVariables } from '../scripts/embedded-database.ts'
import { StartFailure } from '../scripts/failure.ts'
import { print, say } from '../scripts/log.ts'
import { childrenByParent, cpuOf, pssOf, sum, withDescendants } from '../scripts/process-tree.ts'
import { readSettings } from '../scripts/settings.ts'
import { cleanUp, freeSettings, newFolder, runSite, type Site } from '../scripts/testing/run-site.ts'
import { fill } from './fill.ts'
import type { Subject } from './floor-sql.ts'
import { measureHttpFloor, measureSqlFloor } from './floors.ts'
import { load, type Load } from './load.ts'
import { ROW_NAMES, rowsOf, type Place, type Row } from './rows.ts'
import { drawTable, spreadOf } from './table.ts'
import { measureViewers } from './viewers.ts'

export interface BenchOptions {
  only: string[]
  rounds: number
  seconds: number
  users: number
  incidents: number
  json: string
  /** Whose paints are measured; empty where they are not. */
  chromium: string
}

const HEAD = [
  'row',
  'a second',
  'p50 / p99 ms',
  'API µs',
  'Nuxt µs',
  'PostgreSQL µs',
  'nginx µs',
  'CPU µs',
  'by the floor',
  'promise',
]

/** What is measured besides the rows. */
const VIEWERS = 'viewers'
export const PAINTS = 'paints'
const OTHERS = [VIEWERS, PAINTS]

/** Whether this is measured: with nothing named, everything is. */
export const wants = (only: string[], name: string): boolean => only.length === 0 || only.includes(name)

/** Requests a second at which latencies are taken, at most: a third of what can be had, and what the driver itself does not feel. */
const CALM = 300

const PARTS = ['api', 'nuxt', 'postgres', 'nginx'] as const
type Cost = Record<(typeof PARTS)[number], number>

/** What one round of a row gave: its own figures, and those of its floor. CPU in µs a request. */
interface Round {
  load: Load
  cpu: Cost
  floorRate: number
  /** Null where the floor is nginx, whose rate alone is compared; NaN where there is none. */
  floorCpu: number | null
}

const totalOf = (cost: Cost) => sum(Object.values(cost))

/** The processes of a part of the site, those below it too. */
function processesOf(site: Site, part: string): number[] {
  const head = site.instance().children.find(({ name }) => name === part)
  return head ? withDescendants(head.pid, childrenByParent()) : []
}
const costOf = (site: Site, part: string) => sum(processesOf(site, part).map(cpuOf))
const costs = (site: Site) => Object.fromEntries(PARTS.map((part) => [part, costOf(site, part)])) as Cost
const memory = (site: Site) => Object.fromEntries(PARTS.map((part) => [part, sum(processesOf(site, part).map(pssOf))])) as Cost

/** Somebody with two timers, signed in. */
async function setUp(site: Site): Promise<{ place: Place; subject: Subject }> {
  const port = (name: string) => Number(site.environment[name])
  const [api, nginx] = [`http://127.0.0.1:${String(port('BACKEND_PORT'))}/backend`, `https://localhost:${String(site.httpsPort)}`]
  const call = async (method: string, url: string, body?: object, token?: string) => {
    const answer = await fetch(url, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(`${method} ${url}: ${String(answer.status)} ${await answer.text()}`)
    return answer
  }
  const person = { email: 'bench@example.org', password: 'a quiet day in the north', display_name: 'Bench' }
  const session = (await (await call('POST', `${api}/auth/register`, { ...person, share_level: 'history' })).json()) as {
    token: string
    user: { id: string; slug: string }
  }
  const { token, user } = session
  const list = (await (await call('GET', `${api}/timers`, undefined, token)).json()) as { timers: { id: string }[] }
  const second = (await (await call('POST', `${api}/timers`, { title: 'Second' }, token)).json()) as { id: string }
  const pages = `http://127.0.0.1:${String(port('FRONTEND_PORT'))}`
  const signedIn = await fetch(`${pages}/api/auth/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: nginx,
      'x-forwarded-host': new URL(nginx).host,
      'x-forwarded-proto': 'https',
    },
    body: JSON.stringify({ email: person.email, password: person.password }),
  })
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  if (!signedIn.ok) throw new Error(`signing in: ${String(signedIn.status)}`)
  const refreshTokens: string[] = []
  for (let n = 0; n < 8; n++) {
    const { email, password } = person
    const answer = (await (await call('POST', `${api}/auth/login`, { email, password })).json()) as { refresh_token: string }
    refreshTokens.push(answer.refresh_token)
  }
  const timerId = list.timers[0]?.id ?? ''
  return {
    place: { api, pages, nginx, path: `/${user.slug}/incident-timer`, timerId: second.id, token, cookie, refreshTokens },
    subject: { userId: user.id, slug: user.slug, timerId, createTimerId: second.id },
  }
}

async function measureRound(site: Site, row: Row, subject: Subject, seconds: number): Promise<Round> {
  const drive = row.chain ?? ((time: number) => load(row.asked, time))
  await drive(1)
  const before = costs(site)
  const result = await drive(seconds)
  const after = costs(site)
  const cpu = Object.fromEntries(PARTS.map((part) => [part, (after[part] - before[part]) / result.requests])) as Cost
  const { floor } = row
  if (floor === null) return { load: result, cpu, floorRate: NaN, floorCpu: NaN }
  const answer = await answerOf(row, result.sample)
  if (floor.kind === 'nginx')
    return { load: result, cpu, floorRate: await measureFile(site, row, answer.body, seconds), floorCpu: null }
  const bare = await measureHttpFloor(row.asked, answer, seconds)
  const database = databaseOf(site)['DATABASE_URL'] ?? ''
  const sql = floor.sql
    ? await measureSqlFloor(floor.sql, subject, database, seconds, () => costOf(site, 'postgres'))
    : { driver: 0, postgres: 0 }
  return { load: result, cpu, floorRate: bare.rate, floorCpu: bare.cpu + sql.driver + sql.postgres }
}

/** What a row answers, to be answered by its floor. */
async function answerOf({ asked }: Row, sample?: string): Promise<{ body: string; type: string; status: number }> {
  if (sample !== undefined) return { body: sample, type: 'application/json; charset=utf-8', status: 200 }
  const { method = 'GET', headers = {}, body } = asked
  // As plainly as the load asks: not compressed.
  const answer = await fetch(asked.url, {
    method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    ...(body ? { body } : {}),
  })
  return { body: await answer.text(), type: answer.headers.get('content-type') ?? '', status: answer.status }
}

/** Addresses of the site's database, by the names that its tools take them by. */
function databaseOf(site: Site): Record<string, string> {
  const { settings } = readSettings({ environment: site.environment, root: ROOT, nginx: true })
  return databaseVariables(settings, runningSuperuser(settings))
}

/** The folder that nginx serves files from: the build's own, or a copy where its workers cannot read that. */
function publicFolderOf(site: Site): string {
  const config = readFileSync(path.join(site.dataDir, 'nginx/nginx.conf'), 'utf8')
  const found = /^\s*root (\S+);/m.exec(config)?.[1]
  if (found === undefined) throw new Error('nginx serves no folder')
  return found
}

/** nginx with a file of the same bytes: how many it serves a second. */
async function measureFile(site: Site, row: Row, body: string, seconds: number): Promise<number> {
  const name = 'bench-floor.json'
  const file = path.join(publicFolderOf(site), name)
  writeFileSync(file, body)
  try {
    const asked = { ...row.asked, url: `https://localhost:${String(site.httpsPort)}/${name}` }
    await load(asked, 1)
    return (await load(asked, seconds)).rate
  } finally {
    rmSync(file, { force: true })
  }
}

function describe(row: Row, rounds: Round[], calm: Load | undefined): string[] {
  const rate = spreadOf(rounds.map((round) => round.load.rate))
  const cpu = Object.fromEntries(PARTS.map((part) => [part, spreadOf(rounds.map((round) => round.cpu[part])).median])) as Cost
  const total = spreadOf(rounds.map((round) => totalOf(round.cpu)))
  const ratio = spreadOf(rounds.map((round) => ratioOf(row, round)))
  return [
    row.name,
    `${rate.median.toFixed(0)} (×${rate.spread.toFixed(2)})`,
    calm ? `${String(calm.p50)} / ${String(calm.p99)}` : '',
    ...PARTS.map((part) => (cpu[part] < 1 ? '' : cpu[part].toFixed(0))),
    `${total.median.toFixed(0)} (×${total.spread.toFixed(2)})`,
    Number.isNaN(ratio.median) ? '' : `${ratio.median.toFixed(2)}${row.promise?.what === 'milliseconds' ? ' ms' : ''}`,
    row.promise ? describePromise(row.promise, ratio.median) : '',
  ]
}

/** By what a row is judged: CPU by the floor's, the rate by nginx's, or CPU in milliseconds. */
function ratioOf(row: Row, { load: { rate }, cpu, floorRate, floorCpu }: Round): number {
  if (row.promise?.what === 'milliseconds') return totalOf(cpu) / 1000
  return floorCpu === null ? rate / floorRate : totalOf(cpu) / floorCpu
}

function describePromise({ what, at }: NonNullable<Row['promise']>, found: number): string {
  const isKept = what === 'rate-ratio' ? found >= at : found <= at
  return `${what === 'rate-ratio' ? '≥' : '≤'} ${String(at)}: ${isKept ? 'kept' : 'not met'}`
}

/** The second start of a site on its data: seconds until it is ready, and what it takes when it has done nothing yet. */
async function measureStart(settings: Record<string, string>): Promise<{ site: Site; seconds: number; idle: Cost }> {
  const began = performance.now()
  const site = await startSite(settings)
  const seconds = (performance.now() - began) / 1000
  await delay(5_000)
  return { site, seconds, idle: memory(site) }
}

async function startSite(settings: Record<string, string>): Promise<Site> {
  const site = await runSite(settings)
  if (!/^ready/m.test(site.output())) throw new Error(`the site does not start:\n${site.output()}`)
  return site
}

async function stop(site: Site): Promise<void> {
  process.kill(site.instance().pid, 'SIGTERM')
  await site.ended
}

/** All rows, in rounds, each with its floor; then each at a third of its rate, for its latency. */
async function measureRows(site: Site, rows: Row[], subject: Subject, { rounds, seconds }: BenchOptions): Promise<Measured> {
  const found = new Map<string, Round[]>(rows.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    say('bench', `round ${String(round)} of ${String(rounds)}`)
    for (const row of rows) found.get(row.name)?.push(await measureRound(site, row, subject, seconds))
  }
  const calm = new Map<string, Load>()
  for (const { name, asked, chain } of rows) {
    const rate = spreadOf((found.get(name) ?? []).map((one) => one.load.rate)).median
    // Over TLS the driver itself takes longer than nginx.
    if (asked.url.startsWith('https')) continue
    calm.set(name, await (chain ? chain(seconds) : load(asked, seconds, Math.min(CALM, Math.max(8, Math.floor(rate / 3))))))
  }
  return { found, calm }
}
interface Measured {
  found: Map<string, Round[]>
  calm: Map<string, Load>
}

/** Starts the site, fills it, measures everything that is wanted and prints a table; the figures go into a file too. */
export async function runBench(options: BenchOptions): Promise<void> {
  const unknown = options.only.filter((name) => !OTHERS.includes(name) && !ROW_NAMES.includes(name))
  if (unknown.length > 0)
    throw new StartFailure(`there is no row ${unknown.join(', ')}: there are ${[...ROW_NAMES, ...OTHERS].join(', ')}`)
  // Its certificate is its own.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  process.removeAllListeners('warning')
  const settings: Record<string, string> = {
    ...(await freeSettings(newFolder())),
    ACCESS_TOKEN_SECONDS: '86400',
    LOG_LEVEL: 'error',
    TRUST_PROXY: '0.0.0.0/1,128.0.0.0/1',
  }
  const folder = { dataDir: settings['DATA_DIR'] ?? '' }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp(folder).then(() => process.exit(130)))
  try {
    await measureAll(settings, options)
  } finally {
    await cleanUp(folder)
  }
}

async function measureAll(settings: Record<string, string>, options: BenchOptions): Promise<void> {
  const { only, users, incidents, json, chromium } = options
  await stop(await startSite(settings))
  const start = await measureStart(settings)
  const { site } = start
  const { place, subject } = await setUp(site)
  say('bench', `filling: ${String(users)} accounts, ${String(incidents)} incidents`)
  const superuser = new URL(databaseOf(site)['SUPERUSER_URL'] ?? '')
  superuser.pathname = '/kennwilliamson'
  await fill(superuser.href, { users, incidents, timerId: subject.timerId })
  const rows = rowsOf(place).filter(({ name }) => wants(only, name))
  const { found, calm } = await measureRows(site, rows, subject, options)
  print(`\n${os.cpus()[0]?.model ?? ''}, ${String(os.cpus().length)} processors, Node ${process.versions.node}\n`)
  print(
    drawTable(
      HEAD,
      rows.map((row) => describe(row, found.get(row.name) ?? [], calm.get(row.name))),
    ),
  )
  const viewers = []
  for (const number of wants(only, VIEWERS) ? [200, 2000] : []) {
    say('bench', `${String(number)} viewers`)
    viewers.push(await measureViewers(number, watchingOf(site, place)))
  }
  const after = memory(site)
  for (const { viewers: number, megabytes, p95, last } of viewers)
    print(
      `${String(number)} viewers: ${String(megabytes)} MB more, a reset is with 95 of 100 after ${String(p95)} ms, with all after ${String(last)} ms`,
    )
  print(
    `second start ready in ${start.seconds.toFixed(1)} s; PSS idle ${totalOf(start.idle).toFixed(0)} MB, after all this ${totalOf(after).toFixed(0)} MB (the supervisor left out)`,
  )
  const paints = wants(only, PAINTS) ? await measurePaints(place, chromium) : {}
  const file = path.resolve(ROOT, json)
  mkdirSync(path.dirname(file), { recursive: true })
  const figures = { users, incidents, startSeconds: start.seconds, idle: start.idle, after, viewers, paints }
  writeFileSync(
    file,
    JSON.stringify({ at: new Date(), ...figures, rounds: Object.fromEntries(found), calm: Object.fromEntries(calm) }, null, 2),
  )
}

/** What a browser paints of the pages. Imported here: the packages of the browser tests are there only where it is wanted. */
async function measurePaints(place: Place, chromium: string): Promise<object> {
  say('bench', 'paints')
  const { describePages, measurePages } = await import('./pages.ts')
  const paints = await measurePages(place, chromium)
  print(`\n${describePages(paints)}`)
  return paints
}

/** What viewers look at, and how it is reset. */
function watchingOf(site: Site, { api, path: address, token }: Place) {
  return {
    url: `${api}/shared${address}/events`,
    reset: async () => {
      const answer = await fetch(`${api}/incident-timers`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
      if (!answer.ok) throw new Error(`a reset: ${String(answer.status)}`)
    },
    memory: () => sum(processesOf(site, 'api').map(pssOf)),
  }
}
