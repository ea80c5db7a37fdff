import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTally } from '../../platform/tally.ts'
import { createCertificateProbe } from './certificate.ts'
import { createMetrics } from './registry.ts'

let folder: string
let key: string
let cert: string
const servers: Server[] = []

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kennwilliamson-certificate-'))
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const of = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=example.org', '-days', '10']
  execFileSync('openssl', ['req', '-x509', ...of, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
  key = readFileSync(keyFile, 'utf8')
  cert = readFileSync(certFile, 'utf8')
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function listen(server: Server): Promise<{ host: string; port: number }> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

test('sees when the certificate ends that is served for the name, and looks once in a while', async () => {
  const asked: string[] = []
  const context = tls.createSecureContext({ key, cert })
  const SNICallback = (name: string, done: (error: null, context: tls.SecureContext) => void): void => {
    asked.push(name)
    done(null, context)
  }
  const server = tls.createServer({ SNICallback })
  const probe = createCertificateProbe(await listen(server), 'example.org')
  const days = ((await probe()) ?? 0) - Date.now()
  expect(days / 86_400_000).toBeGreaterThan(9.9)
  expect(days / 86_400_000).toBeLessThan(10.1)
  await probe()
  expect(asked).toEqual(['example.org'])
})

test('nobody there, no TLS, or no answer at all: a figure, not an error', async () => {
  const closed = await listen(createServer())
  await new Promise((resolve) => servers.splice(0)[0]?.close(resolve))
  const plain = await listen(
    createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  const silent = await listen(createServer((socket) => socket.on('error', () => undefined)))
  for (const place of [closed, plain, silent]) {
    const probeCertificate = createCertificateProbe(place, 'example.org')
    expect(await probeCertificate()).toBeNull()
    const readFigures = async () => null
    const text = await createMetrics({ tally: createTally(), version: '1', readFigures, probeCertificate }).text()
    expect(text).toContain('kennwilliamson_certificate_probe_up 0\n')
    expect(text).not.toContain('kennwilliamson_certificate_expiry')
  }
})
