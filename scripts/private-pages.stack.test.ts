import { randomBytes } from 'node:crypto'
import https from 'node:https'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSecret } from './secrets.ts'
import { cleanUp, freeSettings, newFolder, runSite, type Site } from './testing/run-site.ts'

const USERS = 20
const LOADS_EACH = 10
/** Seconds that an access token lives here; in the last third of them each page that is rendered renews it. */
const TOKEN_SECONDS = 6

interface Visitor {
  /** A loopback address of its own, so that the limits of one visitor are nobody else's. */
  address: string
  cookie: string
  password: string
  /** Words that only this visitor's pages may hold: name, address, note. */
  marks: string[]
}

interface Answer {
  status: number
  body: string
  /** The session cookie that came with the answer, as a browser would send it back. */
  cookie: string | null
  location: string | undefined
}

let site: Site
const visitors: Visitor[] = []

function request(visitor: Pick<Visitor, 'address' | 'cookie'>, method: string, target: string, body?: object, token?: string) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = https.request({
      host: '127.0.0.1',
      localAddress: visitor.address,
      servername: 'localhost',
      port: site.httpsPort,
      method,
      path: target,
      agent: false,
      rejectUnauthorized: false,
      headers: {
        ...(visitor.cookie ? { cookie: visitor.cookie } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
    })
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? null
        resolve({ status: response.statusCode ?? 0, body: text, cookie, location: response.headers.location })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

async function arrive(number: number): Promise<Visitor> {
  const mark = () => randomBytes(6).toString('hex')
  const [name, local, note] = [`Name${mark()}`, `at${mark()}`, `note${mark()}`]
  const visitor = { address: `127.0.0.${number + 10}`, cookie: '', password: `long enough ${mark()}`, marks: [name, local, note] }
  const email = `${local}@example.org`
  const registered = await request(visitor, 'POST', '/api/auth/register', {
    email,
    password: visitor.password,
    display_name: name,
  })
  expect(registered.status, registered.body).toBe(200)
  visitor.cookie = registered.cookie ?? ''
  const { token } = JSON.parse((await request(visitor, 'GET', '/api/auth/jwt')).body) as { token: string }
  const reset = await request(visitor, 'POST', '/backend/incident-timers', { notes: note }, token)
  expect(reset.status, reset.body).toBe(201)
  return visitor
}

/** What is wrong with a page as this visitor's: a word of somebody else, or none of the own. */
function findMixUps(body: string, own: Visitor): string[] {
  const foreign = visitors.filter((visitor) => visitor !== own).flatMap(({ marks }) => marks)
  return [
    ...foreign.filter((mark) => body.includes(mark)).map((mark) => `shows ${mark}`),
    ...own.marks.filter((mark) => !body.includes(mark)).map((mark) => `lacks ${mark}`),
  ]
}

beforeAll(async () => {
  site = await runSite({ ...(await freeSettings(newFolder())), ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) })
  expect(site.output()).toMatch(/^ready /m)
  for (let number = 0; number < USERS; number++) visitors.push(await arrive(number))
})
afterAll(() => cleanUp(site))

describe('200 pages of 20 people rendered at the same time', () => {
  it('S23: each shows its own person alone, also while all sessions are being renewed, and no cookie goes to another', async () => {
    await delay(TOKEN_SECONDS * 1000)
    const loads = await Promise.all(
      Array.from({ length: LOADS_EACH }, () => visitors)
        .flat()
        .map(async (visitor) => {
          const answer = await request(visitor, 'GET', '/incidents')
          // All of them came with a token that had to be renewed, so all of them set a cookie: whose is it?
          const whose = await request({ address: visitor.address, cookie: answer.cookie ?? '' }, 'GET', '/api/_auth/session')
          return { visitor, answer, whose }
        }),
    )
    expect(loads).toHaveLength(USERS * LOADS_EACH)
    expect(new Set(loads.map(({ answer }) => answer.status))).toEqual(new Set([200]))
    expect(loads.flatMap(({ visitor, answer }) => findMixUps(answer.body, visitor))).toEqual([])
    for (const { visitor, whose } of loads) {
      const { user } = JSON.parse(whose.body) as { user?: { display_name: string } }
      expect(user?.display_name).toBe(visitor.marks[0])
    }
  })

  it('S23: a page of somebody else would be seen', async () => {
    const [one, other] = visitors as [Visitor, Visitor]
    const { body } = await request(one, 'GET', '/incidents')
    expect(findMixUps(body, one)).toEqual([])
    expect(findMixUps(body, other)).toHaveLength(2 * one.marks.length)
    // One word in the right page is enough.
    expect(findMixUps(`${body}<!-- ${other.marks[2] ?? ''} -->`, one)).toHaveLength(1)
  })
})

/** Makes the sessions of a visitor end now, as they do when nobody used them for a week, or after half a year. */
async function endSessions(visitor: Visitor, end: 'idle' | 'absolute'): Promise<void> {
  const password = readSecret(path.join(site.dataDir, 'secrets/postgres-app'))
  const url = `postgres://kennwilliamson_app:${password}@127.0.0.1:${site.environment['POSTGRES_PORT'] ?? ''}/kennwilliamson`
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const { count } = await sql`
      update sessions set
        expires_at = now() - interval '1 second',
        absolute_expires_at = case ${end} when 'absolute' then now() - interval '1 second' else absolute_expires_at end
      where user_id = (select id from users where display_name = ${visitor.marks[0] ?? ''})
    `
    expect(count).toBeGreaterThan(0)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

describe('S08: a session of the pages', () => {
  it.each(['idle', 'absolute'] as const)('ends on the server at its %s end, whatever the browser kept', async (end) => {
    const visitor = await arrive(USERS + (end === 'idle' ? 0 : 1))
    expect((await request(visitor, 'GET', '/incidents')).status).toBe(200)
    await endSessions(visitor, end)
    // An access token ends with its lifetime, and can be renewed no more.
    await delay(TOKEN_SECONDS * 1000)
    const page = await request(visitor, 'GET', '/incidents')
    expect([page.status, page.location]).toEqual([302, '/login?redirect=/incidents'])
    expect(page.body).not.toContain(visitor.marks[2])
    // The cookie is taken away.
    expect(page.cookie).toMatch(/=$/)
    expect((await request(visitor, 'GET', '/api/auth/jwt')).status).toBe(401)
    expect((await request(visitor, 'GET', '/api/_auth/session')).body).toBe('{}')
  })
})

describe('S11: a session that was there before signing in', () => {
  it('is not the one that is signed in: another cookie, another session, and the old one is dead', async () => {
    const [attacker, victim] = [await arrive(USERS + 2), await arrive(USERS + 3)]
    const who = async (cookie: string | null) =>
      (await request({ address: victim.address, cookie: cookie ?? '' }, 'GET', '/api/_auth/session')).body
    expect(await who(attacker.cookie)).toContain(attacker.marks[0])
    const planted = { address: victim.address, cookie: attacker.cookie }
    const credentials = { email: `${victim.marks[1] ?? ''}@example.org`, password: victim.password }
    const answer = await request(planted, 'POST', '/api/auth/login', credentials)
    expect(answer.status).toBe(200)
    expect(answer.cookie).not.toBeNull()
    expect(answer.cookie).not.toBe(attacker.cookie)
    expect(await who(answer.cookie)).toContain(victim.marks[0])
    expect(await who(attacker.cookie)).toBe('{}')
  })

  it('a cookie that somebody made up is not taken over either', async () => {
    const victim = await arrive(USERS + 4)
    const name = victim.cookie.split('=')[0] ?? ''
    const madeUp = `${name}=${'x'.repeat(200)}`
    const credentials = { email: `${victim.marks[1] ?? ''}@example.org`, password: victim.password }
    const answer = await request({ address: victim.address, cookie: madeUp }, 'POST', '/api/auth/login', credentials)
    expect(answer.cookie).not.toBe(madeUp)
    expect((await request({ address: victim.address, cookie: madeUp }, 'GET', '/api/_auth/session')).body).toBe('{}')
  })
})
