import { loadRefreshes, type Asked, type Load } from './load.ts'

/** What is measured: one kind of request, by one way in. */
export interface Row {
  name: string
  asked: Asked
  /** Where one request is made of the answer to the one before. */
  chain?: (seconds: number) => Promise<Load>
  /** What it is compared with, measured in the same rounds. `sql`: with the statements of this name. Null where nothing is. */
  floor: { kind: 'node'; sql?: string } | { kind: 'nginx' } | null
  /** What is promised: CPU of API and PostgreSQL by that of the floor, the rate by that of nginx, or CPU in ms. */
  promise?: { what: 'cpu-ratio' | 'rate-ratio' | 'milliseconds'; at: number }
}

/** Where the parts of a running site are, and whose timer is looked at. */
export interface Place {
  api: string
  pages: string
  nginx: string
  path: string
  timerId: string
  token: string
  cookie: string
  /** Of sessions that nothing else uses. */
  refreshTokens: string[]
}

/** All rows, for a site that is set up. */
export function rowsOf({ api, pages, nginx, path, timerId, token, cookie, refreshTokens }: Place): Row[] {
  const authorization = { authorization: `Bearer ${token}` }
  const json = { ...authorization, 'content-type': 'application/json' }
  const behindNginx = { 'x-forwarded-host': new URL(nginx).host, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' }
  return [
    { name: 'health', asked: { url: `${api}/health` }, floor: { kind: 'node' } },
    {
      name: 'public timer',
      asked: { url: `${api}/shared${path}` },
      floor: { kind: 'node' },
      promise: { what: 'cpu-ratio', at: 1.3 },
    },
    {
      name: 'public timer, by its statements',
      asked: { url: `${api}/shared${path}` },
      floor: { kind: 'node', sql: 'public timer' },
    },
    {
      name: 'public timer, nginx and TLS',
      asked: { url: `${nginx}/backend/shared${path}` },
      floor: { kind: 'nginx' },
      promise: { what: 'rate-ratio', at: 0.6 },
    },
    {
      name: 'timer list',
      asked: { url: `${api}/timers`, headers: authorization },
      floor: { kind: 'node', sql: 'timer list' },
      promise: { what: 'cpu-ratio', at: 1.5 },
    },
    {
      name: 'create',
      asked: { url: `${api}/timers/${timerId}/incidents`, method: 'POST', headers: json, body: '{"notes":"a note"}' },
      floor: { kind: 'node', sql: 'create' },
      promise: { what: 'cpu-ratio', at: 1.5 },
    },
    {
      name: 'refresh',
      asked: {
        url: `${api}/auth/refresh`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refresh_token: refreshTokens[0] }),
      },
      chain: (seconds) => loadRefreshes(`${api}/auth/refresh`, refreshTokens, seconds),
      floor: { kind: 'node', sql: 'refresh' },
      promise: { what: 'cpu-ratio', at: 1.6 },
    },
    {
      name: 'random phrase',
      asked: { url: `${api}/phrases/random`, headers: authorization },
      floor: { kind: 'node', sql: 'random phrase' },
    },
    {
      name: 'page: home',
      asked: { url: `${pages}/`, headers: behindNginx },
      floor: null,
      promise: { what: 'milliseconds', at: 0.8 },
    },
    {
      name: 'page: public timer',
      asked: { url: `${pages}${path}`, headers: behindNginx },
      floor: null,
      promise: { what: 'milliseconds', at: 1.5 },
    },
    {
      name: 'page: public timer, nginx and TLS',
      asked: { url: `${nginx}${path}` },
      floor: { kind: 'nginx' },
      promise: { what: 'rate-ratio', at: 0.6 },
    },
    {
      name: 'page: dashboard',
      asked: { url: `${pages}/incidents`, headers: { ...behindNginx, cookie } },
      floor: null,
    },
  ]
}

const NOWHERE = 'https://localhost'
/** What the rows are called. */
export const ROW_NAMES = rowsOf({
  api: NOWHERE,
  pages: NOWHERE,
  nginx: NOWHERE,
  path: '/',
  timerId: '',
  token: '',
  cookie: '',
  refreshTokens: [],
}).map(({ name }) => name)
