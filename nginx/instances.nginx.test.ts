import { describe, expect, it, type TestContext } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { startDns, startInstances, type Behaviour, type Instance } from './testing/instances.ts'
import { startNginx, type Answer, type RequestOptions, type TestNginx } from './testing/start-nginx.ts'

// Most of them wait, and each has instances of its own: all at once.

interface Site {
  nginx: TestNginx
  dns: Awaited<ReturnType<typeof startDns>>
  instances: Instance[]
  port: number
}

/** The container's form: names that are looked up while nginx runs, each with several addresses. */
async function startSite({ onTestFinished }: TestContext, ...behaviours: Behaviour[]): Promise<Site> {
  const dns = await startDns()
  onTestFinished(dns.close)
  const { port, instances } = await startInstances(behaviours)
  for (const { stop } of instances) onTestFinished(stop)
  dns.addresses = instances.map(({ address }) => address)
  const addresses = { apiAddress: `backend:${port}`, pagesAddress: `frontend:${port}` }
  const nginx = await startNginx({ limits: false, resolver: dns.at, ...addresses })
  onTestFinished(() => nginx.stop())
  return { nginx, dns, instances, port }
}

/** So many that each instance is asked first by some. */
async function askOften(site: Site, path: string, options: RequestOptions = {}, count = 24): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => site.nginx.get(`${path}?${index}`, options)))
}
/** Those that wait for one look into the DNS would all begin with the same instance. */
async function lookUpNames({ nginx }: Site): Promise<void> {
  await Promise.all(['/backend/first', '/first'].map((path) => nginx.get(path)))
}
const statuses = (answers: Answer[]): number[] => [...new Set(answers.map(({ status }) => status))].sort()
const seenBy = (site: Site): string[] => site.instances.flatMap(({ seen }) => seen)

const READS = [
  '/backend/incident-timers',
  '/backend/shared/ada/incident-timer',
  '/',
  '/ada/incident-timer',
  '/login',
  '/api/auth/jwt',
]

describe.concurrent('instances behind one name', () => {
  it('are all asked, with the path as it came', async (context) => {
    const site = await startSite(context, 'answers', 'answers', 'answers')
    await lookUpNames(site)
    for (const { seen } of site.instances) seen.length = 0
    const path = '/backend/%C3%A9l%C3%A9onore/timers/a%20b'
    await askOften(site, path)
    for (const { seen } of site.instances) expect(seen.length).toBeGreaterThan(0)
    expect(new Set(seenBy(site).map((line) => line.split('?')[0]))).toEqual(new Set([`GET ${path}`]))
    for (const page of READS) expect((await site.nginx.get(page)).status).toBe(200)
    expect(new Set(seenBy(site))).toContain('GET /ada/incident-timer')
  })

  it('close the connection themselves, or nginx would run out of ports', async (context) => {
    const site = await startSite(context, 'answers')
    for (const method of ['GET', 'POST', 'DELETE']) {
      await site.nginx.get('/backend/x', { method })
      await site.nginx.get('/api/x', { method })
    }
    expect(site.instances[0]?.connections).toEqual(Array.from({ length: 6 }, () => 'close'))
  })

  it('are taken up and left within moments, without a reload', async (context) => {
    const site = await startSite(context, 'answers', 'answers')
    const [first, second] = site.instances.map(({ address }) => address)
    site.dns.addresses = [first ?? '']
    await delay(3_100)
    expect(new Set((await askOften(site, '/backend/x')).map(({ body }) => body))).toEqual(new Set([first]))
    site.dns.addresses = [second ?? '']
    await delay(3_100)
    expect(new Set((await askOften(site, '/backend/x')).map(({ body }) => body))).toEqual(new Set([second]))
    site.dns.addresses = []
    await delay(3_100)
    expect(statuses(await askOften(site, '/backend/x', {}, 3))).toEqual([503])
    site.dns.addresses = [first ?? '']
    await delay(3_100)
    expect(statuses(await askOften(site, '/backend/x', {}, 3))).toEqual([200])
  })
})

describe.concurrent('O02: a read that one instance leaves unanswered', () => {
  it.for([
    ['refuses', 'answers'],
    ['is silent', 'is silent'],
    ['hangs up', 'hangs up'],
  ] as const)('is answered by another: it %s', async ([how, behaviour], context) => {
    const site = await startSite(context, behaviour, 'answers')
    if (how === 'refuses') await site.instances[0]?.stop()
    await lookUpNames(site)
    const began = Date.now()
    for (const answers of await Promise.all(READS.map((path) => askOften(site, path)))) expect(statuses(answers)).toEqual([200])
    expect(statuses(await askOften(site, '/backend/x', { method: 'HEAD' }))).toEqual([200])
    if (how !== 'refuses') expect(site.instances[0]?.seen.length).toBeGreaterThan(0)
    // 6 s for pages, and 3 s for the API after them.
    expect(Date.now() - began).toBeLessThan(13_000)
  })

  it('takes 3 s of the API and 6 s of a page', async (context) => {
    const site = await startSite(context, 'is silent')
    const secondsOf = async (path: string): Promise<number> => {
      const began = Date.now()
      expect((await site.nginx.get(path)).status).toBe(503)
      return (Date.now() - began) / 1_000
    }
    const [api, page] = await Promise.all([secondsOf('/backend/x'), secondsOf('/x')])
    expect([api > 2.5, api < 5.5, page > 5.5, page < 9]).toEqual([true, true, true, true])
  })

  it('ends after about 12 s where nobody answers, with three asked at most', async (context) => {
    const site = await startSite(context, 'is silent', 'is silent', 'is silent', 'is silent')
    const ask = async (path: string): Promise<number> => {
      const began = Date.now()
      expect((await site.nginx.get(path)).status).toBe(503)
      return Date.now() - began
    }
    expect(Math.max(...(await Promise.all([ask('/backend/x'), ask('/x')])))).toBeLessThan(15_000)
    expect(seenBy(site).filter((line) => line === 'GET /backend/x')).toHaveLength(3)
    expect(seenBy(site).filter((line) => line === 'GET /x')).toHaveLength(2)
  })

  it('that has begun is not begun again', async (context) => {
    const site = await startSite(context, 'hangs up in the middle', 'hangs up in the middle')
    await expect(site.nginx.get('/backend/x')).rejects.toThrow()
    expect(seenBy(site)).toEqual(['GET /backend/x'])
  })

  it('negative control: with one instance there is no other', async (context) => {
    const site = await startSite(context, 'hangs up')
    expect(statuses(await askOften(site, '/backend/x', {}, 3))).toEqual([503])
  })
})

describe.concurrent('O02: a write', () => {
  const WRITES = ['POST', 'PATCH', 'PUT', 'DELETE'] as const

  it.for(WRITES)('%s goes to another where one refuses the connection', async (method, context) => {
    const site = await startSite(context, 'answers', 'answers')
    await site.instances[0]?.stop()
    for (const path of ['/backend/incident-timers', '/api/auth/login']) {
      for (const body of ['{"a":1}', undefined]) {
        const options = { method, ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }) }
        expect(statuses(await askOften(site, path, options))).toEqual([200])
      }
    }
    expect(new Set(seenBy(site).map((line) => line.split(' ')[0]))).toEqual(new Set([method]))
  })

  it.for(WRITES)('%s is sent once, whatever becomes of it', async (method, context) => {
    const site = await startSite(context, 'hangs up', 'hangs up')
    for (const path of ['/backend/incident-timers', '/api/auth/login']) {
      for (const body of ['{"a":1}', undefined]) {
        for (const { seen } of site.instances) seen.length = 0
        const options = { method, ...(body === undefined ? {} : { body }) }
        expect(statuses(await askOften(site, path, options, 8))).toEqual([503])
        expect(new Set(seenBy(site)).size).toBe(8)
        expect(seenBy(site)).toHaveLength(8)
      }
    }
  })

  it('has longer than a read', async (context) => {
    const site = await startSite(context, 'is silent', 'is silent')
    const done = Promise.all(WRITES.map((method) => site.nginx.get('/backend/x', { method }))).then(() => 'answered')
    const first = Promise.race(WRITES.map((method) => site.nginx.get('/backend/y', { method })))
    expect(await Promise.race([done, first, delay(8_000, 'waiting')])).toBe('waiting')
    expect(seenBy(site).toSorted()).toEqual(
      WRITES.flatMap((method) => [`${method} /backend/x`, `${method} /backend/y`]).toSorted(),
    )
    for (const { stop } of site.instances) await stop()
    expect(await done).toBe('answered')
  })

  it('cannot be made another by a header of the client', async (context) => {
    const site = await startSite(context, 'answers')
    for (const method of ['POST', 'GET', 'DELETE'])
      await site.nginx.get('/backend/x', { method, headers: { 'X-Edge-Method': 'PUT' } })
    expect(seenBy(site)).toEqual(['POST /backend/x', 'GET /backend/x', 'DELETE /backend/x'])
  })
})
