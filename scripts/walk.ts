import { randomBytes } from 'node:crypto'
import https from 'node:https'
import { parseArgs } from 'node:util'
import { print } from './log.ts'

// `npm run walk -- https://localhost`: does what a person does who is new here, on a running site, and says what came of each
// step. It leaves an account behind, so it is for sites that may have one more.

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface AskOptions {
  body?: object
  token?: string
  headers?: Record<string, string>
  agent?: https.Agent
  /** Milliseconds without an answer after which it is given up. */
  patience?: number
}

/** One request over TLS, without looking at who signed the certificate: a site on one's own machine signs its own. */
export function ask(origin: string, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const { body, token, agent, patience = 15_000 } = options
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(path, origin), { method, headers, agent: agent ?? false, rejectUnauthorized: false })
    request.setTimeout(patience, () => request.destroy(new Error(`no answer within ${patience} ms`)))
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection that the server closed at the same moment: every client asks again, for what does no harm twice.
      if (error.code === 'ECONNRESET' && request.reusedSocket && method === 'GET') resolve(ask(origin, method, path, options))
      else reject(error)
    })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() })
      })
    })
    request.end(text)
  })
}

/** Somebody who has just signed up. */
export interface Person {
  email: string
  password: string
  slug: string
  token: string
}

/** Signs somebody new up. @throws {Error} with the answer when that fails. */
export async function signUp(origin: string, headers: Record<string, string> = {}): Promise<Person> {
  const name = `walker-${randomBytes(6).toString('hex')}`
  const account = { email: `${name}@example.org`, password: randomBytes(12).toString('hex') }
  const answer = await ask(origin, 'POST', '/backend/auth/register', { body: { ...account, display_name: name }, headers })
  if (answer.status !== 201) throw new Error(`sign-up was answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  const { token, user } = JSON.parse(answer.body) as { token: string; user: { slug: string } }
  return { ...account, slug: user.slug, token }
}

/** Register, reset with a note, look at the public page, sign in again. @throws {Error} at the first step that fails. */
export async function walk(origin: string, tell: (line: string) => void): Promise<Person> {
  const expectStatus = (what: string, wanted: number, answer: Answer): void => {
    if (answer.status !== wanted)
      throw new Error(`${what} was answered ${answer.status} instead of ${wanted}: ${answer.body.slice(0, 300)}`)
    tell(`${what}: ${answer.status}`)
  }
  expectStatus('the home page', 200, await ask(origin, 'GET', '/'))
  const person = await signUp(origin)
  tell(`sign-up as ${person.slug}: 201`)
  const note = { body: { notes: 'the walk' }, token: person.token }
  expectStatus('a reset with a note', 201, await ask(origin, 'POST', '/backend/incident-timers', note))
  const page = await ask(origin, 'GET', `/${person.slug}/incident-timer`)
  expectStatus('the public page', 200, page)
  if (!page.body.includes(person.slug)) throw new Error('the public page does not name its owner')
  if (page.body.includes('the walk')) throw new Error('the public page shows a note that was not shared')
  const view = await ask(origin, 'GET', `/backend/shared/${person.slug}/incident-timer`)
  expectStatus('what the page is made from', 200, view)
  const { email, password } = person
  expectStatus('signing in again', 200, await ask(origin, 'POST', '/backend/auth/login', { body: { email, password } }))
  return person
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  try {
    await walk(positionals[0] ?? 'https://localhost', print)
    print('the walk went well')
  } catch (error) {
    print(`the walk ended: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
