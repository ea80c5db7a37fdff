import { setTimeout as delay } from 'node:timers/promises'
import type { Entry, Ledger, Outcome } from './ledger.ts'

/** How long a request may take before its sender gives up: the API's own limit of 15 s answers first. */
const PATIENCE_MS = 20_000
/** How long a request with a key is repeated: longer than any outage that a drill accepts. */
const REPEATS_FOR_MS = 30_000

export interface Answer {
  status: number
  body: string
}

/** One request to the API; null when there was no answer at all. */
export async function askApi(
  apiUrl: string,
  method: string,
  path: string,
  { token, body, key }: { token?: string; body?: object; key?: string } = {},
): Promise<Answer | null> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  }
  try {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.text() }
  } catch {
    return null
  }
}

export const PASSWORD = 'a long enough passphrase 7'

/** Makes an account and answers with its access token. Throws when the API refuses. */
export async function register(apiUrl: string, name: string): Promise<string> {
  const body = { email: `${name}@example.org`, password: PASSWORD, display_name: name }
  const answer = await askApi(apiUrl, 'POST', '/auth/register', { body })
  if (answer?.status !== 201) throw new Error(`cannot register: ${answer?.body ?? 'no answer'}`)
  return (JSON.parse(answer.body) as { token: string }).token
}

/** When the database was killed, and when the first request that was sent after that was acknowledged. */
export interface Outage {
  killedAt: number | null
  recoveredAt: number | null
}

export interface WriterOptions {
  apiUrl: string
  /** Of an account of its own: nobody else changes these incidents. */
  token: string
  name: string
  ledger: Ledger
  outage: Outage
}

/**
 * One person who writes without pause: new incidents, every third one with an `Idempotency-Key` and repeated until it is
 * answered, edits, deletions. Resolves, after `isOver`, when the last request has ended.
 */
export async function write(options: WriterOptions, isOver: () => boolean): Promise<void> {
  const { ledger, name } = options
  const known: Entry[] = []
  for (let number = 0; !isOver(); number++) {
    const chosen = number % 5 >= 3 ? known.splice(Math.floor(Math.random() * known.length), 1)[0] : undefined
    if (chosen === undefined) {
      const entry = await create(options, `${name}-${number}`, number % 3 === 0)
      if (ledger.isKnown(entry)) known.push(entry)
    } else if (number % 5 === 3) {
      const notes = `${chosen.marker} edited at ${number}`
      ledger.change(chosen, notes)
      await send(options, chosen, 'PUT', { body: { notes } })
      if (ledger.isKnown(chosen)) known.push(chosen)
    } else {
      ledger.change(chosen, null)
      await send(options, chosen, 'DELETE')
    }
  }
}

async function create(options: WriterOptions, marker: string, repeats: boolean): Promise<Entry> {
  const notes = `${marker} new`
  const entry = options.ledger.open(marker, notes)
  const deadline = performance.now() + REPEATS_FOR_MS
  for (;;) {
    const outcome = await send(options, entry, 'POST', { body: { notes }, ...(repeats ? { key: marker } : {}) })
    if (!repeats || outcome !== 'unknown' || performance.now() > deadline) return entry
  }
}

async function send(
  { apiUrl, token, ledger, outage }: WriterOptions,
  entry: Entry,
  method: 'POST' | 'PUT' | 'DELETE',
  more: { body?: object; key?: string } = {},
): Promise<Outcome> {
  const sentAt = performance.now()
  const path = method === 'POST' ? '/incident-timers' : `/incident-timers/${entry.id ?? ''}`
  const answer = await askApi(apiUrl, method, path, { token, ...more })
  const outcome = outcomeOf(answer)
  if (outcome === 'refused' || answer?.status === 500)
    ledger.surprises.push(`${entry.marker}: ${method} was answered ${answer?.status ?? ''} ${answer?.body ?? ''}`)
  if (outcome === 'acknowledged') {
    if (outage.killedAt !== null && sentAt > outage.killedAt) outage.recoveredAt ??= performance.now()
    if (method === 'POST') entry.id = (JSON.parse(answer?.body ?? '{}') as { id: string }).id
  }
  ledger.settle(entry, outcome)
  // Whoever tries again at once while the database is away does nothing else.
  if (outcome === 'unknown') await delay(50)
  return outcome
}

/** Only an answer of success promises anything, and only a refusal of the request rules it out. */
function outcomeOf(answer: Answer | null): Outcome {
  if (answer === null || answer.status >= 500) return 'unknown'
  return answer.status < 300 ? 'acknowledged' : 'refused'
}
