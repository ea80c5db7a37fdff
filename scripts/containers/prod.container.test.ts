import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import tls from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { walk } from '../walk.ts'
import { copyCheckout, type Stack } from './engine.ts'
import { describeLoad, putLoad } from './load.ts'

// Production as deploy.sh starts it, with Let's Encrypt played by its own test server (pebble), and the night come early.

const PEBBLE = `
services:
  nginx:
    networks:
      front: { aliases: [site.example] }
      inside: {}
  certbot:
    environment: { ACME_CA: /pebble/ca.pem }
    volumes: ['./pebble:/pebble:ro']
  pebble:
    build:
      network: host
      dockerfile_inline: |
        FROM debian:bookworm-slim
        RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends pebble >/dev/null && rm -rf /var/lib/apt/lists/*
    command: [pebble, -config, /pebble/config.json, -dnsserver, '127.0.0.11:53']
    environment: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' }
    volumes: ['./pebble:/pebble:ro']
    networks: [front]
`
let stack: Stack

beforeAll(async () => {
  stack = await copyCheckout({
    form: 'prod',
    name: 'prod',
    settings: {
      SITE_URL: 'https://site.example',
      ACME_SERVER: 'https://pebble:14000/dir',
      TRUST_PROXY: '0.0.0.0/0',
      DRAIN_SECONDS: '1',
    },
  })
  const setUp = ['scripts/setup-production-env.sh', '--site-url', 'https://site.example']
  expect(await stack.run('env', '-u', 'COMPOSE_FILE', ...setUp)).toMatchObject({ code: 0 })
  makePebble(path.join(stack.folder, 'pebble'))
  writeFileSync(path.join(stack.folder, 'compose.pebble.yaml'), PEBBLE)
  stack.environment['COMPOSE_FILE'] = `${stack.environment['COMPOSE_FILE'] ?? ''}:compose.pebble.yaml`
  await stack.compose('up', '--detach', '--build', 'pebble')
  const deployed = await stack.run('scripts/deploy.sh', '--release', 'first')
  expect(deployed.output).toContain('release first is in service')
})
afterAll(() => stack.remove(), 120_000)

/** A certificate of its own authority for the name pebble, and its configuration. */
function makePebble(folder: string): void {
  mkdirSync(folder)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority')
  openssl('req', ...key.slice(0, -2), '-keyout', 'pebble.key', '-out', 'pebble.csr', '-subj', '/CN=pebble')
  writeFileSync(path.join(folder, 'names'), 'subjectAltName=DNS:pebble')
  openssl(
    'x509',
    '-req',
    '-in',
    'pebble.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'pebble.pem',
  )
  execFileSync('chmod', ['-R', 'a+r', folder])
  const pebble = {
    listenAddress: '0.0.0.0:14000',
    certificate: '/pebble/pebble.pem',
    privateKey: '/pebble/pebble.key',
    httpPort: 8080,
    tlsPort: 8443,
  }
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ pebble }))
}

/** Of the certificate that visitors get: who signed it, and its fingerprint. */
function served(): Promise<{ issuer: string; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: 'localhost',
      port: Number(new URL(stack.url).port),
      servername: 'site.example',
      rejectUnauthorized: false,
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const { issuer, fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      resolve({ issuer: String(issuer.CN), fingerprint: fingerprint256 })
    })
  })
}

async function until(what: string, isSo: () => Promise<boolean>, seconds: number): Promise<void> {
  for (let tries = 0; tries < seconds; tries++) {
    if (await isSo()) return
    await delay(1_000)
  }
  throw new Error(`${what}: not within ${seconds} s`)
}

it('begins with a certificate of its own and takes up the authority’s within a minute', async () => {
  await until('the certificate of the authority', async () => (await served()).issuer.startsWith('Pebble'), 90)
  await walk(stack.url, () => undefined)
  expect((await stack.run('scripts/ssl-manager.sh', 'status')).output).toContain('Pebble')
})

it('takes up a renewed one without a lost request', async () => {
  const before = await served()
  const over = { on: false }
  const load = putLoad({ origin: stack.url, concurrency: 6, kind: 'mixed', rate: 60, isOver: () => over.on })
  await stack.compose('exec', '-T', 'certbot', 'rm', '-rf', '/certificates/acme')
  const renewed = await stack.run('scripts/ssl-manager.sh', 'renew')
  expect(renewed.output).toContain('installed a new one')
  expect((await stack.run('scripts/ssl-manager.sh', 'reload')).code).toBe(0)
  await until('the renewed certificate', async () => (await served()).fingerprint !== before.fingerprint, 90)
  await delay(4_000)
  over.on = true
  const report = await load
  process.stdout.write(`renewal: ${describeLoad(report)}\n`)
  expect([report.failures, report.refused]).toEqual([[], 0])
})

it('backs up and proves it in the night, and health-check knows', async () => {
  expect((await stack.run('scripts/health-check.sh')).output).toMatch(/FAILED +backup +none was proved/)
  expect(await stack.compose('logs', 'backup')).toContain('the next backup is at')
  // The night comes with the next minute but one.
  const night = new Date(Date.now() + 65_000).toISOString().slice(11, 16)
  await stack.compose('run', '--detach', '--rm', '--no-deps', '-e', `BACKUP_AT=${night}`, 'backup')
  const proofs = "select count(*) from backup_runs where kind = 'proof' and succeeded"
  await until('the proof of the night', async () => (await stack.sql(proofs)) === '1', 150)
  const bases = () => stack.compose('exec', '-T', 'backup', 'bash', '-c', 'ls /archive/*/base')
  await until('the base backup of the night', async () => /^2\d+T\d+Z$/m.test(await bases().catch(() => '')), 60)
  const well = await stack.run('scripts/health-check.sh')
  expect(well.output).not.toContain('FAILED')
  expect(well.code).toBe(0)
})

it('destroys nothing without its name', async () => {
  const refused = await stack.run('scripts/reset-db.sh', '--yes')
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('--name site.example')
  expect(await stack.sql('select count(*) from users')).not.toBe('0')
})

it('shows what Prometheus asks for inside, and to nobody outside', async () => {
  const inside = await stack.compose(
    'exec',
    '-T',
    'backend',
    'bash',
    '-c',
    'exec 3<>/dev/tcp/127.0.0.1/9464; printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3',
  )
  expect(inside).toMatch(/kennwilliamson_database_up 1/)
  expect(inside).toMatch(/kennwilliamson_certificate_expiry_timestamp_seconds \d+|kennwilliamson_certificate\w+ \d/)
  expect((await fetch(new URL('/metrics', stack.httpUrl), { redirect: 'manual' })).status).not.toBe(200)
})
