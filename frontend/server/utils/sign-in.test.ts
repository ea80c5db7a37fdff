import { createApp, createRouter, toNodeListener } from 'h3'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import login from '../api/auth/login.ts'
import logout from '../api/auth/logout.ts'
import register from '../api/auth/register.ts'
import { setSettings } from './settings.ts'

const STATEMENT = `1.${'a'.repeat(22)}.${'b'.repeat(43)}`
const DEVICE = '__Host-kennwilliamson-device'

/** What the API was asked, and what it answers. */
const api = {
  asked: [] as { path: string; device: string | string[] | undefined }[],
  status: 200,
  headers: {} as Record<string, string>,
}

function listen(handler: http.RequestListener): Promise<http.Server> {
  return new Promise((resolve) => {
    const server = http.createServer(handler).listen(0, '127.0.0.1', () => resolve(server))
  })
}
const portOf = (server: http.Server) => (server.address() as AddressInfo).port

let backend: http.Server
let pages: http.Server

beforeAll(async () => {
  backend = await listen((request, response) => {
    api.asked.push({ path: request.url ?? '', device: request.headers['x-device-token'] })
    response.writeHead(api.status, { 'content-type': 'application/json', ...api.headers })
    response.end(JSON.stringify({ token: 'a.b.c', refresh_token: 'f'.repeat(64), user: {} }))
  })
  setSettings({
    backendUrl: `http://127.0.0.1:${portOf(backend)}`,
    siteUrl: 'https://localhost:8443',
    edge: 'nginx',
    sessionPassword: 'a password for tests, long enough to seal',
    sessionSeconds: 3600,
    logLevel: 'info',
    drainSeconds: 0,
    contentDir: '',
  })
  const router = createRouter().post('/login', login).post('/register', register).post('/logout', logout)
  pages = await listen(toNodeListener(createApp().use(router)))
})
afterAll(() => {
  for (const server of [backend, pages]) server.close()
})
beforeEach(() => {
  Object.assign(api, { asked: [], status: 200, headers: { 'x-device-token': STATEMENT } })
})

/** The cookies that an answer sets, whole. */
async function post(path: string, cookie?: string): Promise<{ status: number; cookies: string[]; headers: Headers }> {
  const answer = await fetch(`http://127.0.0.1:${portOf(pages)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
    body: '{}',
  })
  return { status: answer.status, cookies: answer.headers.getSetCookie(), headers: answer.headers }
}
const ofDevice = (cookies: string[]) => cookies.filter((cookie) => cookie.startsWith(`${DEVICE}=`))

describe('a browser that signs in', () => {
  it('S19: keeps what the API says of it in a cookie with every flag, for 400 days, and sees it nowhere else', async () => {
    for (const path of ['/login', '/register']) {
      const { status, cookies, headers } = await post(path)
      expect(status).toBe(200)
      expect(ofDevice(cookies)).toEqual([`${DEVICE}=${STATEMENT}; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax`])
      expect(cookies.some((cookie) => cookie.startsWith('__Host-kennwilliamson='))).toBe(true)
      expect(headers.get('x-device-token')).toBeNull()
    }
    expect(api.asked.map(({ device }) => device)).toEqual([undefined, undefined])
  })

  it('brings it to the API when it signs in again, and at no other time', async () => {
    const cookie = `${DEVICE}=${STATEMENT}`
    const { cookies } = await post('/login', cookie)
    await post('/register', cookie)
    await post('/logout', `${cookie}; ${cookies.find((one) => one.startsWith('__Host-kennwilliamson='))?.split(';')[0]}`)
    expect(api.asked).toEqual([
      { path: '/backend/auth/login', device: STATEMENT },
      { path: '/backend/auth/register', device: undefined },
      { path: '/backend/auth/revoke', device: undefined },
    ])
  })

  it('keeps it when it signs out', async () => {
    const first = await post('/login')
    const all = first.cookies.map((one) => one.split(';')[0]).join('; ')
    const { status, cookies } = await post('/logout', all)
    expect(status).toBe(200)
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-kennwilliamson'])
  })

  it('is told nothing by a refusal, or by an API that says nothing fit for a cookie', async () => {
    Object.assign(api, { status: 401 })
    expect((await post('/login', `${DEVICE}=${STATEMENT}`)).cookies).toEqual([])
    for (const odd of ['', 'a b', 'x'.repeat(201), 'a;b']) {
      Object.assign(api, { status: 200, headers: { 'x-device-token': odd } })
      expect(ofDevice((await post('/login')).cookies)).toEqual([])
    }
  })

  it('hands on nothing that is not fit for a header', async () => {
    for (const odd of ['x'.repeat(201), 'a%0d%0ax-from-outside:%201', 'a%20b', '%C3%A9'])
      expect((await post('/login', `${DEVICE}=${odd}`)).status).toBe(200)
    expect(api.asked.map(({ device }) => device)).toEqual([undefined, undefined, undefined, undefined])
  })
})
