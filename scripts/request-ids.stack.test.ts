import { readFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cleanUp, freeSettings, newFolder, runSite, type Site } from './testing/run-site.ts'

let site: Site
beforeAll(async () => {
  site = await runSite({ ...(await freeSettings(newFolder())), LOG_LEVEL: 'debug' })
})
afterAll(() => cleanUp(site))

interface Seen {
  status: number
  id: string
  cookie: string
  body: string
}

function ask(target: string, options: { cookie?: string; body?: object } = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      host: 'localhost',
      port: site.httpsPort,
      path: target,
      method: options.body ? 'POST' : 'GET',
      agent: false,
      rejectUnauthorized: false,
      headers: {
        accept: 'text/html',
        referer: 'https://localhost/?SECRET-referer',
        // What a visitor says is no id.
        'x-request-id': 'a-visitor-says-so',
        ...(options.cookie ? { cookie: options.cookie } : {}),
        ...(options.body ? { 'content-type': 'application/json' } : {}),
      },
    })
    request.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          id: String(response.headers['x-request-id']),
          cookie: (response.headers['set-cookie'] ?? []).map((one) => one.split(';', 1)[0]).join('; '),
          body,
        }),
      )
    })
    request.on('error', reject)
    request.end(options.body && JSON.stringify(options.body))
  })
}

/** The lines of one part that have this id, as a person reads them. */
async function linesOf(part: string, id: string): Promise<string[]> {
  const find = () =>
    site
      .output()
      .split('\n')
      .filter((line) => line.includes(`reqId=${id} `) && new RegExp(`\\b${part} +│`).test(line))
  for (let tries = 0; tries < 40 && find().length === 0; tries++) await delay(50)
  return find()
}

it('one id names a page view in the logs of nginx, of the pages and of the API, and none of them holds a secret', async () => {
  const account = { email: 'secret.mail@example.org', password: 'SECRET password of the test', display_name: 'Ada Idtest' }
  const joined = await ask('/api/auth/register?SECRET-query', { body: account })
  expect(joined.status).toBe(200)
  expect(joined.cookie).toContain('__Host-')

  // A page that anybody sees, and one that asks as the person signed in.
  const shared = await ask('/ada-idtest/incident-timer?token=SECRET-query')
  const own = await ask('/incidents?token=SECRET-query', { cookie: joined.cookie })
  const token = await ask('/api/auth/jwt', { cookie: joined.cookie })
  await ask('/s/SECRET-link')
  expect([shared.status, own.status, token.status]).toEqual([200, 200, 200])
  for (const { id } of [joined, shared, own, token]) {
    expect(id).toMatch(/^[\da-f]{32}$/)
    expect(await linesOf('nuxt', id)).toHaveLength(1)
    expect(await linesOf('api', id)).not.toEqual([])
  }
  expect((await linesOf('nuxt', shared.id))[0]).toMatch(
    /│ info {2}answered reqId=\w+ method=GET path=\/ada-idtest\/incident-timer status=200 ms=\d+$/,
  )
  expect((await linesOf('api', shared.id)).join('\n')).toMatch(
    /answered .*path=\/backend\/shared\/ada-idtest\/incident-timer status=200/,
  )
  // The check is not blind: ids differ, and a line of another request is not taken for one of this.
  expect(new Set([joined, shared, own].map(({ id }) => id)).size).toBe(3)
  expect(await linesOf('api', 'a-visitor-says-so')).toEqual([])

  await delay(2_500) // nginx writes its log each two seconds
  const accessLog = readFileSync(path.join(site.dataDir, 'nginx/logs/access.log'), 'utf8')
  for (const { id } of [joined, shared, own]) expect(accessLog).toContain(`"request_id":"${id}"`)

  const { token: accessToken } = JSON.parse(token.body) as { token: string }
  const sealed = joined.cookie.split('=').slice(1).join('=').split(';')[0] ?? ''
  expect(sealed.length).toBeGreaterThan(100)
  for (const log of [site.output(), accessLog]) {
    for (const secret of [
      'SECRET',
      account.email,
      'secret.mail',
      sealed,
      sealed.slice(0, 40),
      accessToken,
      accessToken.slice(-40),
    ])
      expect(log).not.toContain(secret)
  }
})
