import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const good = {
  DATABASE_URL: 'postgres://app:pw@127.0.0.1:5417/site',
  JWT_SECRET: 'x'.repeat(32),
  SITE_URL: 'https://example.org/',
}

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
    })
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
    for (const wrong of ['foo', 'dead.beef', '10.0.0.0/33', '10.0.0.1/8/8', '::1/129', '10.0.0.0/x']) {
      expect(problemsOf({ ...good, TRUST_PROXY: wrong }), wrong).toHaveLength(1)
    }
  })

  test('an address of the site that would break the tokens’ alphabet is refused', () => {
    expect(problemsOf({ ...good, SITE_URL: 'https://example.org/?a' })).toHaveLength(1)
    expect(problemsOf({ ...good, SITE_URL: 'https://example.org/~ada' })).toHaveLength(1)
  })
})
