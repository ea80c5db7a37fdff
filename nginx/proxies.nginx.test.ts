import { afterEach, describe, expect, it } from 'vitest'
import { readAccessLog, startNginx, type TestNginx } from './testing/start-nginx.ts'

const running: TestNginx[] = []
afterEach(async () => {
  for (const nginx of running.splice(0)) await nginx.stop()
})

async function start(trustedProxies: string[], limits = false): Promise<TestNginx> {
  const nginx = await startNginx({ limits, trustedProxies })
  running.push(nginx)
  return nginx
}

async function clientSeen(nginx: TestNginx, forwardedFor: string): Promise<unknown> {
  await nginx.get('/backend/health', { headers: { 'X-Forwarded-For': forwardedFor } })
  return nginx.api.seen.at(-1)?.headers['x-forwarded-for']
}

describe('TRUST_PROXY: behind a load balancer', () => {
  it('the client is whom the balancer names, for the upstream and in the log', async () => {
    const nginx = await start(['127.0.0.0/8', '10.0.0.0/8'])
    expect(await clientSeen(nginx, '203.0.113.9')).toBe('203.0.113.9')
    expect(await clientSeen(nginx, '2001:db8::9')).toBe('2001:db8::9')
    const log = await readAccessLog(nginx)
    expect(log).toContain('"client":"203.0.113.9"')
    expect(log).not.toContain('"client":"127.0.0.1"')
  })

  it('of several, the last one that is no trusted proxy: what the client itself wrote counts for nothing', async () => {
    const nginx = await start(['127.0.0.0/8', '10.0.0.0/8'])
    expect(await clientSeen(nginx, '198.51.100.1, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9')
  })

  it('each client has its own limit', async () => {
    const nginx = await start(['127.0.0.0/8'], true)
    const burst = async (client: string, count: number): Promise<number> => {
      const headers = { 'X-Forwarded-For': client }
      const answers = await Promise.all(Array.from({ length: count }, () => nginx.get('/backend/auth/login', { headers })))
      return answers.filter(({ status }) => status === 429).length
    }
    expect(await burst('203.0.113.9', 80)).toBeGreaterThanOrEqual(20)
    expect(await burst('203.0.113.10', 30)).toBe(0)
  })

  it('negative control: from anyone else the header is ignored', async () => {
    for (const trusted of [[], ['192.0.2.0/24']]) {
      expect(await clientSeen(await start(trusted), '203.0.113.9')).toBe('127.0.0.1')
    }
  })
})
