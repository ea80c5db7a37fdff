import fastify from 'fastify'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readCommandConfig, readConfig } from './config.ts'

const good = {
  DATABASE_URL: 'postgres://app:pw@127.0.0.1:5417/site',
  JWT_SECRET: 'x'.repeat(32),
  SITE_URL: 'https://example.org/',
}

const WRONG_ORIGINS = [
  '*',
  'null',
  'app.example.org',
  'https://app.example.org/',
  'https://app.example.org/path',
  'https://app.example.org:443',
  'https://*.example.org',
  'https://APP.example.org',
  'HTTPS://app.example.org',
  'https://user@app.example.org',
  'https://app.example.org?x',
  'https://bücher.example',
  'ftp://app.example.org',
  'https://good.example, *',
  'https://good.example https://other.example',
]

function problemsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('readConfig', () => {
  test('fills in what is not set', () => {
    expect(readConfig(good)).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      siteUrl: 'https://example.org',
      accessTokenSeconds: 900,
      sessionIdleSeconds: 604_800,
      sessionAbsoluteSeconds: 15_552_000,
      trustProxy: ['127.0.0.1', '::1'],
      registrationOpen: true,
      adminEmail: null,
    })
  })

  test('the address of the first administrator is one, or nobody’s', () => {
    expect(readConfig({ ...good, ADMIN_EMAIL: ' you@example.org ' }).adminEmail).toBe('you@example.org')
    expect(readConfig({ ...good, ADMIN_EMAIL: '' }).adminEmail).toBeNull()
    expect(problemsOf({ ...good, ADMIN_EMAIL: 'me' })).toEqual(['ADMIN_EMAIL: must be an e-mail address'])
  })

  test('commands want only the database and the address of the site', () => {
    const { DATABASE_URL, SITE_URL } = good
    expect(readCommandConfig({ DATABASE_URL, SITE_URL })).toEqual({ databaseUrl: DATABASE_URL, siteUrl: 'https://example.org' })
    expect(() => readCommandConfig({ SITE_URL })).toThrow('DATABASE_URL: is missing')
  })

  test('O13: names every problem at once and no secret', () => {
    const problems = problemsOf({ JWT_SECRET: 'my short secret', BACKEND_PORT: '99999', LOG_LEVEL: 'loud', SITE_URL: 'ftp://x' })
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'BACKEND_PORT',
      'DATABASE_URL',
      'JWT_SECRET',
      'LOG_LEVEL',
      'SITE_URL',
    ])
    expect(problems.join('\n')).toContain('DATABASE_URL: is missing')
    expect(problems.join('\n')).not.toContain('my short secret')
  })

  test('a secret may stand in a file; an unreadable one is named once', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kennwilliamson-config-'))
    const file = path.join(folder, 'secret')
    writeFileSync(file, `${'y'.repeat(40)}\n`)
    expect(readConfig({ ...good, JWT_SECRET: undefined, JWT_SECRET_FILE: file }).jwtSecrets).toEqual(['y'.repeat(40)])
    // The file of the previous secret is empty until there is one.
    const empty = path.join(path.dirname(file), 'empty')
    writeFileSync(empty, '\n')
    expect(readConfig({ ...good, JWT_SECRET_PREVIOUS_FILE: empty }).jwtSecrets).toHaveLength(1)
    expect(problemsOf({ ...good, JWT_SECRET: '', JWT_SECRET_FILE: empty })).toEqual(['JWT_SECRET: is missing'])
    expect(problemsOf({ ...good, JWT_SECRET: '', JWT_SECRET_FILE: `${file}-gone` })).toEqual([
      `JWT_SECRET_FILE: cannot read ${file}-gone`,
    ])
  })

  test('a second secret is accepted after the first', () => {
    expect(readConfig({ ...good, JWT_SECRET_PREVIOUS: 'z'.repeat(32) }).jwtSecrets).toEqual(['x'.repeat(32), 'z'.repeat(32)])
  })

  test('whose word is believed: loopback always, and real addresses and networks only', () => {
    expect(readConfig({ ...good, TRUST_PROXY: '10.0.0.0/8, 2001:db8::1' }).trustProxy).toEqual([
      '127.0.0.1',
      '::1',
      '10.0.0.0/8',
      '2001:db8::1',
    ])
    const everybody = readConfig({ ...good, TRUST_PROXY: '0.0.0.0/0, ::/0' }).trustProxy
    expect(everybody).toEqual(['127.0.0.1', '::1', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'])
    expect(() => fastify({ trustProxy: everybody })).not.toThrow()
    for (const wrong of ['foo', 'dead.beef', '10.0.0.0/33', '10.0.0.1/8/8', '::1/129', '10.0.0.0/x']) {
      expect(problemsOf({ ...good, TRUST_PROXY: wrong }), wrong).toHaveLength(1)
    }
  })

  test('C02: other sites whose pages may call the API: none, or exact origins', () => {
    expect(readConfig(good).corsOrigins).toEqual([])
    expect(readConfig({ ...good, CORS_ORIGINS: 'https://app.example.org, http://localhost:5173,' }).corsOrigins).toEqual([
      'https://app.example.org',
      'http://localhost:5173',
    ])
    for (const wrong of WRONG_ORIGINS) expect(problemsOf({ ...good, CORS_ORIGINS: wrong }), wrong).toHaveLength(1)
  })

  test('an address of the site that would break the tokens’ alphabet is refused', () => {
    expect(problemsOf({ ...good, SITE_URL: 'https://example.org/?a' })).toHaveLength(1)
    expect(problemsOf({ ...good, SITE_URL: 'https://example.org/~ada' })).toHaveLength(1)
  })

  test('metrics and the watch over the certificate are off until they are asked for', () => {
    expect(readConfig(good)).toMatchObject({ metrics: null, certificateProbe: null, drainSeconds: 0 })
    const on = { ...good, METRICS_PORT: '9100', CERTIFICATE_PROBE: '[::1]:8443', DRAIN_SECONDS: '5' }
    expect(readConfig(on)).toMatchObject({
      metrics: { host: '127.0.0.1', port: 9100 },
      certificateProbe: { host: '::1', port: 8443 },
      drainSeconds: 5,
    })
    for (const bad of ['nginx', 'nginx:0', 'nginx:99999', 'https://nginx:443', 'a b:1'])
      expect(problemsOf({ ...good, CERTIFICATE_PROBE: bad })).toEqual(['CERTIFICATE_PROBE: must be host:port, such as nginx:443'])
  })
})
