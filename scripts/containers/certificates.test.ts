import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const script = path.join(import.meta.dirname, '../../containers/certificates.sh')
let folder: string
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'kw-certificates-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, environment: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'], CERTIFICATES_DIR: folder, SITE_URL: 'https://example.org', ...environment }
  const { status, stdout, stderr } = spawnSync('bash', [script, command], { env, encoding: 'utf8' })
  return { code: status, output: stdout + stderr }
}
const live = (name: string): string => path.join(folder, 'live', name)
const certificate = (): X509Certificate => new X509Certificate(readFileSync(live('fullchain.pem')))

it('makes a self-signed one for the host and for localhost, with a key that only its owner can read', () => {
  expect(run('self-signed')).toMatchObject({
    code: 0,
    output: expect.stringContaining('made a self-signed one for example.org') as string,
  })
  expect(certificate().subjectAltName).toBe('DNS:example.org, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  expect(certificate().validToDate.getTime() - Date.now()).toBeLessThan(398 * 86_400_000)
  expect(statSync(live('privkey.pem')).mode & 0o077).toBe(0)
  expect(run('status').output).toMatch(/certificates: 39\d days left/)
})

it('leaves a good one alone, and makes another for another host', () => {
  run('self-signed')
  const { fingerprint256 } = certificate()
  expect(run('self-signed').output).toContain('there is one for example.org')
  expect(certificate().fingerprint256).toBe(fingerprint256)
  run('self-signed', { SITE_URL: 'https://other.example:8443' })
  expect(certificate().subjectAltName).toContain('DNS:other.example')
})

it('makes another when less than 30 days are left, and says so below 14', () => {
  run('self-signed')
  const files = ['-keyout', live('privkey.pem'), '-out', live('fullchain.pem')]
  const names = ['-subj', '/CN=example.org', '-addext', 'subjectAltName=DNS:example.org']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '10', ...files, ...names],
    { stdio: 'ignore' },
  )
  expect(run('status')).toMatchObject({ code: 1, output: expect.stringMatching(/\b(9|10) days left/) as string })
  run('self-signed')
  expect(run('status').code).toBe(0)
})

it('never puts a self-signed one in the place of one that somebody else has signed', () => {
  run('self-signed')
  execFileSync(
    'bash',
    [
      '-c',
      `cd ${folder}/live &&
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -keyout ca.key -out ca.pem -subj /CN=authority &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout privkey.pem -subj /CN=example.org -out request.pem &&
    printf 'subjectAltName=DNS:example.org' >names &&
    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -days 20 -extfile names -out fullchain.pem`,
    ],
    { stdio: 'ignore' },
  )
  const { fingerprint256 } = certificate()
  expect(run('self-signed').output).toContain('left alone')
  expect(certificate().fingerprint256).toBe(fingerprint256)
})

it.each(['https://', 'https://a b', "https://x';id", 'https://$(id)'])('refuses a site called %s', (SITE_URL) => {
  expect(run('self-signed', { SITE_URL }).code).toBe(1)
  expect(existsSync(path.join(folder, 'live'))).toBe(false)
})

it('does not ask Let’s Encrypt for localhost, and knows no other command', () => {
  expect(run('obtain', { SITE_URL: 'https://localhost' }).output).toContain('SITE_URL must name a public host')
  expect(run('forget').output).toContain('there is no command "forget"')
  expect(run('--help').output).toContain('self-signed')
})
