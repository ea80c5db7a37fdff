import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createTally } from '../../platform/tally.ts'
import { createMetrics } from './registry.ts'
import { serveMetrics } from './serve.ts'

const servers: Awaited<ReturnType<typeof serveMetrics>>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function serveOn(host: string): Promise<number> {
  const metrics = createMetrics({ tally: createTally(), version: '1', readFigures: async () => null, probeCertificate: null })
  const server = await serveMetrics(metrics, { host, port: 0 })
  servers.push(server)
  return (server.address() as AddressInfo).port
}

test('GET /metrics and nothing else', async () => {
  const port = await serveOn('127.0.0.1')
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method })
  const answer = await ask('/metrics')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toContain('kennwilliamson_database_up 0\n')
  for (const path of ['/', '/metrics/', '/backend/health', '/metrics%2f']) expect((await ask(path)).status).toBe(404)
  expect((await ask('/metrics', 'POST')).status).toBe(405)
})

test('Z09: is reached at its own address only', async () => {
  const port = await serveOn('127.0.0.1')
  await expect(fetch(`http://127.0.0.2:${port}/metrics`)).rejects.toThrow('fetch failed')
  // The check is not blind: where it does listen, it is reached.
  const everywhere = await serveOn('0.0.0.0')
  expect((await fetch(`http://127.0.0.2:${everywhere}/metrics`)).status).toBe(200)
})

test('a taken port is an error', async () => {
  const port = await serveOn('127.0.0.1')
  const metrics = createMetrics({ tally: createTally(), version: '1', readFigures: async () => null, probeCertificate: null })
  await expect(serveMetrics(metrics, { host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE')
})
