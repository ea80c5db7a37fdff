import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkSettings } from './settings.ts'

const good = {
  backendUrl: 'http://127.0.0.1:8080',
  siteUrl: 'https://localhost:8443',
  edge: 'nginx',
  sessionPassword: 's'.repeat(32),
  sessionPasswordFile: '',
  sessionSeconds: 604_800,
  logLevel: 'info',
  drainSeconds: 0,
  contentDir: '/site/content',
}
const problemsOf = (raw: object) => {
  const checked = checkSettings({ ...good, ...raw })
  return 'problems' in checked ? checked.problems.join('\n') : ''
}

describe('checkSettings', () => {
  it('accepts good settings and makes origins of addresses', () => {
    expect(checkSettings({ ...good, siteUrl: 'https://Site.example/' })).toEqual({
      settings: {
        backendUrl: good.backendUrl,
        siteUrl: 'https://site.example',
        edge: 'nginx',
        sessionPassword: good.sessionPassword,
        sessionSeconds: 604_800,
        logLevel: 'info',
        drainSeconds: 0,
        contentDir: '/site/content',
      },
    })
  })

  it.each([undefined, '', 's'.repeat(31), 1234, {}])('refuses the session password %j', (sessionPassword) => {
    expect(problemsOf({ sessionPassword })).toContain('NUXT_SESSION_PASSWORD')
  })

  it('never repeats a password that it refuses', () => {
    expect(problemsOf({ sessionPassword: 'short-secret' })).not.toContain('short-secret')
  })

  it('reads the password from a file, and says which file it cannot read', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'settings-')), 'password')
    writeFileSync(file, `${'f'.repeat(40)}\n`)
    expect(checkSettings({ ...good, sessionPassword: '', sessionPasswordFile: file })).toMatchObject({
      settings: { sessionPassword: 'f'.repeat(40) },
    })
    expect(problemsOf({ sessionPassword: '', sessionPasswordFile: `${file}-not` })).toBe(
      `NUXT_SESSION_PASSWORD_FILE: cannot read ${file}-not`,
    )
  })

  it('names all problems at once', () => {
    const problems = problemsOf({
      backendUrl: 'nonsense',
      siteUrl: 'ftp://x',
      edge: 'caddy',
      sessionSeconds: 0,
      sessionPassword: '',
    })
    for (const name of ['NUXT_BACKEND_URL', 'NUXT_SITE_URL', 'NUXT_EDGE', 'NUXT_SESSION_SECONDS', 'NUXT_SESSION_PASSWORD']) {
      expect(problems).toContain(name)
    }
  })

  it('allows nothing in front on this machine only', () => {
    expect(problemsOf({ edge: 'none', siteUrl: 'http://localhost:3000' })).toBe('')
    expect(problemsOf({ edge: 'none', siteUrl: 'http://site.example' })).toContain('NUXT_EDGE')
  })
})
