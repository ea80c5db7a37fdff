import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import postgres from 'postgres'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'
import { PASSWORD } from '../../testing/harness.ts'
import { endApis, runApi, type RunningApi } from '../../testing/run-api.ts'

// Two instances as they run, on one database.
let database: TestDatabase
let owner: postgres.Sql
let instances: [RunningApi, RunningApi]
const start = () => runApi({ DATABASE_URL: database.url })

beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined })
  instances = await Promise.all([start(), start()])
})
afterAll(async () => {
  endApis()
  await Promise.all(instances.map(({ ended }) => ended))
  await owner.end()
  await database.drop()
})

function post(api: RunningApi, path: string, body: object, device?: string | null): Promise<Response> {
  const headers = { 'content-type': 'application/json', connection: 'close', ...(device ? { 'x-device-token': device } : {}) }
  return fetch(api.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

test('D03: what is counted holds for every instance and over a restart, and so does what is known of a device', async () => {
  const email = 'ada@example.org'
  const login = async (api: RunningApi, password: string, device?: string | null) =>
    (await post(api, '/auth/login', { email, password }, device)).status
  const [one, other] = instances
  const registered = await post(one, '/auth/register', { email, password: PASSWORD, display_name: 'Ada' })
  const device = registered.headers.get('x-device-token')
  for (let failure = 0; failure < 6; failure++) expect(await login(failure % 2 ? one : other, 'a wrong password')).toBe(401)
  // So that a slow machine does not sit the wait out.
  await owner`update auth_throttle set blocked_until = now() + interval '1 minute' where scope = 'account' and failures = 6`
  for (const api of instances) expect(await login(api, PASSWORD)).toBe(429)

  one.process.kill('SIGTERM')
  expect(await one.ended).toEqual({ code: 0, signal: null })
  instances = [await start(), other]
  for (const api of instances) {
    expect(await login(api, PASSWORD)).toBe(429)
    expect(await login(api, PASSWORD, device)).toBe(200)
  }
  // The check is not blind: it is the row in the database that refuses.
  await owner`delete from auth_throttle where scope = 'account'`
  for (const api of instances) expect(await login(api, PASSWORD)).toBe(200)
})
