import { Agent, request } from 'node:http'
import autocannon from 'autocannon'

/** A request of a row. */
export interface Asked {
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** What came of a load. */
export interface Load {
  requests: number
  /** Per second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** An answer, where asking once more would change something. */
  sample?: string
}

/** So many at once: more than the machine has processors, fewer than anybody refuses. */
const CONNECTIONS = 8

const byte = () => Math.floor(Math.random() * 254) + 1
function fromElsewhere(request: autocannon.Request): autocannon.Request {
  return { ...request, headers: { ...request.headers, 'x-forwarded-for': `10.${byte()}.${byte()}.${byte()}` } }
}

/** Loads with all it takes, or at a rate, where latencies are those of somebody who does not wait for others. @throws where an answer was no success. */
export async function load({ url, method = 'GET', headers = {}, body }: Asked, seconds: number, rate?: number): Promise<Load> {
  const result = await autocannon({
    url,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections: CONNECTIONS,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
    // nginx limits what one network may ask for: each request says that it stands for somebody else.
    ...(url.startsWith('https') ? { requests: [{ setupRequest: fromElsewhere }] } : {}),
    ...({ tlsOptions: { rejectUnauthorized: false } } as object),
  })
  const { non2xx, errors, timeouts, requests, latency } = result
  if (non2xx + errors + timeouts > 0)
    throw new Error(
      `${method} ${url}: ${String(non2xx)} answers were no success, ${String(errors)} errors, ${String(timeouts)} late`,
    )
  return { requests: requests.total, rate: requests.total / result.duration, p50: latency.p50, p99: latency.p99 }
}

/**
 * Exchanges refresh tokens, one chain for each that is given: each answer brings the token of the next request. Keeps the newest ones in
 * `tokens`. Latencies are of requests that follow one another.
 */
export async function loadRefreshes(url: string, tokens: string[], seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: tokens.length })
  const took: number[] = []
  let sample = ''
  const began = performance.now()
  await Promise.all(
    tokens.map(async (_, chain) => {
      while (performance.now() - began < seconds * 1000) {
        const sent = performance.now()
        sample = await post(url, JSON.stringify({ refresh_token: tokens[chain] }), agent)
        const answer = JSON.parse(sample) as { refresh_token: string }
        took.push(performance.now() - sent)
        tokens[chain] = answer.refresh_token
      }
    }),
  )
  const spent = (performance.now() - began) / 1000
  agent.destroy()
  took.sort((a, b) => a - b)
  const at = (share: number) => Math.round((took[Math.floor(took.length * share)] ?? 0) * 10) / 10
  return { requests: took.length, rate: took.length / spent, p50: at(0.5), p99: at(0.99), sample }
}

function post(url: string, body: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    request(url, { method: 'POST', headers, agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(text)
        else reject(new Error(`POST ${url}: ${String(answer.statusCode)}`))
      })
    })
      .once('error', reject)
      .end(body)
  })
}
