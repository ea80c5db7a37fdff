import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// What the scripts for containers do before any container is touched. Their real work is in containers/*.container.test.ts.

const SCRIPTS = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.sh') && name !== 'with-node.sh')
/** A docker that writes down what it was asked, and of which every container is well. */
const DOCKER = `#!/bin/bash
printf '%s\\n' "$*" >>"$CALLS"
[[ " $* " != *" $FAILS_ON "* ]] || exit 1
case "$*" in
  'compose ps -q'*) echo 0123456789abcdef ;;
  inspect*) echo 'running healthy' ;;
  'volume inspect'*) [ "$VOLUME" = there ] || exit 1 ;;
esac
`
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kw-scripts-'))
  mkdirSync(path.join(folder, 'scripts'))
  for (const name of [...SCRIPTS, 'lib'])
    cpSync(path.join(import.meta.dirname, name), path.join(folder, 'scripts', name), { recursive: true })
  mkdirSync(path.join(folder, 'bin'))
  writeFileSync(path.join(folder, 'bin/docker'), DOCKER)
  chmodSync(path.join(folder, 'bin/docker'), 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(script: string, args: string[] = [], environment: Record<string, string> = {}) {
  const PATH = `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
  const env = { PATH, CALLS: path.join(folder, 'calls'), FAILS_ON: '-none-', VOLUME: 'none', ...environment }
  const { status, stdout, stderr } = spawnSync(path.join(folder, 'scripts', script), args, { env, encoding: 'utf8', input: '' })
  return { code: status, output: stdout + stderr }
}
const calls = (): string => (existsSync(path.join(folder, 'calls')) ? readFileSync(path.join(folder, 'calls'), 'utf8') : '')
const written = (name: string): string => readFileSync(path.join(folder, name), 'utf8')

it('are the ones that people of the original know', () => {
  expect(SCRIPTS.map((name) => name.replace('.sh', '')).toSorted()).toEqual([
    'admin',
    'backup-db',
    'deploy',
    'dev-logs',
    'dev-start',
    'dev-stop',
    'health-check',
    'reset-db',
    'restore-db',
    'rollback',
    'setup-db',
    'setup-production-env',
    'ssl-manager',
  ])
})

describe.each(SCRIPTS)('%s', (script) => {
  it('says what it does, asking nobody', () => {
    const { code, output } = run(script, ['--help'])
    expect(code).toBe(0)
    expect(output).toContain(script.replace('.sh', ''))
    expect(output).toContain(`scripts/${script}`)
    expect(output).not.toContain('#!/')
    expect(calls()).toBe('')
  })

  it('refuses what it does not know, before anything is done', () => {
    const { code, output } = run(script, ['--wipe-everything'])
    expect(code).toBe(1)
    expect(output).toContain('there is no "--wipe-everything" here')
    expect(calls()).toBe('')
  })
})

describe('without an engine', () => {
  it.each(SCRIPTS.filter((name) => name !== 'setup-production-env.sh'))('%s says what to do', (script) => {
    const args =
      { 'admin.sh': ['reset-link', 'you@example.org'], 'restore-db.sh': ['latest'], 'ssl-manager.sh': ['status'] }[script] ?? []
    run('setup-production-env.sh', ['--local'])
    const { code, output } = run(script, args, { FAILS_ON: 'version' })
    expect(code).toBe(1)
    expect(output).toMatch(/docker has no compose plugin|COMPOSE_FILE/)
  })
})

describe('setup-production-env', () => {
  const setUp = (...args: string[]) => run('setup-production-env.sh', args)

  it('writes settings and secrets that only this user can reach, and leaves them alone the second time', () => {
    expect(setUp('--site-url', 'https://example.org/', '--email', 'you@example.org').code).toBe(0)
    const first = written('.env')
    expect(first).toBe('COMPOSE_FILE=compose.yaml:compose.prod.yaml\nSITE_URL=https://example.org\nACME_EMAIL=you@example.org\n')
    const names = readdirSync(path.join(folder, 'secrets')).toSorted()
    expect(names).toEqual([
      'database_url',
      'jwt_secret',
      'jwt_secret_previous',
      'migration_database_url',
      'nuxt_session_password',
      'postgres_password',
      'superuser_url',
    ])
    expect(statSync(path.join(folder, 'secrets')).mode & 0o777).toBe(0o700)
    const values = names.map((name) => written(`secrets/${name}`))
    expect(values.map((value) => /[0-9a-f]{64}/.test(value))).toEqual(names.map((name) => name !== 'jwt_secret_previous'))
    expect(new Set(values.map((value) => /[0-9a-f]{64}/.exec(value)?.[0])).size).toBe(6)
    expect(setUp('--site-url', 'https://example.org').code).toBe(0)
    expect(written('.env').split('\n').toSorted()).toEqual(first.split('\n').toSorted())
    expect(names.map((name) => written(`secrets/${name}`))).toEqual(values)
    expect(calls()).toBe('volume inspect kennwilliamson_database\n')
  })

  it.each([
    'http://example.org',
    'https://example',
    'example.org',
    'https://example.org/path',
    'https://a b.org',
    "https://x.org';id",
  ])('refuses the address %s and writes nothing', (url) => {
    expect(setUp('--site-url', url).code).toBe(1)
    expect(existsSync(path.join(folder, '.env'))).toBe(false)
  })

  it('makes no new passwords for a database that has others', () => {
    const { code, output } = run('setup-production-env.sh', ['--local'], { VOLUME: 'there' })
    expect(code).toBe(1)
    expect(output).toContain('put your copy of the secrets back')
    expect(readdirSync(path.join(folder, 'secrets'))).toEqual([])
  })

  it('does not turn one site into another', () => {
    setUp('--site-url', 'https://example.org')
    expect(setUp('--site-url', 'https://other.org')).toMatchObject({ code: 1 })
    expect(setUp('--local').output).toContain('.env is for compose.yaml:compose.prod.yaml')
  })
})

describe('what destroys', () => {
  const touched = () =>
    calls()
      .split('\n')
      .filter((line) => line.includes('compose') && !line.includes('version'))
  const cases: [string, string[]][] = [
    ['reset-db.sh', []],
    ['restore-db.sh', ['latest']],
    ['restore-db.sh', ['--to', '2026-11-24 13:58:00+00']],
  ]

  it.each(cases)('%s %j does nothing without --yes where nobody can be asked', (script, args) => {
    run('setup-production-env.sh', ['--local'])
    const { code, output } = run(script, args)
    expect(code).toBe(1)
    expect(output).toContain('--yes')
    expect(touched()).toEqual([])
  })

  it.each(cases)('%s %j goes on with --yes: the control', (script, args) => {
    run('setup-production-env.sh', ['--local'])
    run(script, [...args, '--yes'])
    expect(touched().length).toBeGreaterThan(0)
  })

  it.each(cases)('%s %j does nothing in production without its name, whatever else is said', (script, args) => {
    run('setup-production-env.sh', ['--site-url', 'https://example.org'])
    for (const more of [[], ['--yes'], ['--yes', '--name', 'example.com'], ['--name', '']]) {
      const { code, output } = run(script, [...args, ...more])
      expect(code).toBe(1)
      expect(output).toContain('--name example.org')
    }
    expect(touched()).toEqual([])
    run(script, [...args, '--name', 'example.org'])
    expect(touched().length).toBeGreaterThan(0)
  })

  it('reset-db touches nothing when the backup fails', () => {
    run('setup-production-env.sh', ['--local'])
    const { code, output } = run('reset-db.sh', ['--yes'], { FAILS_ON: 'backup' })
    expect(code).toBe(1)
    expect(output).toContain('nothing was touched')
    expect(calls()).not.toContain('drop database')
  })

  it('restore-db takes only names of backups, and only times', () => {
    run('setup-production-env.sh', ['--local'])
    for (const args of [['../../etc'], ['a b'], ["x';id"], ['--to', 'yesterday-ish'], ['latest', '--to', '2026-11-24'], []])
      expect(run('restore-db.sh', [...args, '--yes']).code).toBe(1)
    expect(touched()).toEqual([])
  })
})

describe('admin', () => {
  it('runs the command in a container of the API’s image, with the address as one word', () => {
    run('setup-production-env.sh', ['--local'])
    const address = `a b'"$(id)@example.org`
    expect(run('admin.sh', ['reset-link', address]).code).toBe(0)
    expect(calls()).toMatch(
      /^compose run --rm --no-deps -T backend node .*backend\/src\/admin-cli\.ts reset-link a b'"\$\(id\)@example\.org$/m,
    )
  })

  it('wants the site to run', () => {
    run('setup-production-env.sh', ['--local'])
    writeFileSync(path.join(folder, 'bin/docker'), DOCKER.replace('echo 0123456789abcdef', ':'))
    const { code, output } = run('admin.sh', ['reset-link', 'you@example.org'])
    expect([code, output]).toEqual([1, 'admin.sh: the API does not run: start the site first\n'])
  })

  it.each([[[]], [['reset-link']], [['reset-link', 'a@example.org', 'b@example.org']], [['wipe', 'a@example.org']]])(
    'refuses %j before anything is done',
    (args) => {
      run('setup-production-env.sh', ['--local'])
      expect(run('admin.sh', args).code).toBe(1)
      expect(calls()).not.toContain('compose run')
    },
  )
})

it('developing is refused where the settings are those of production', () => {
  run('setup-production-env.sh', ['--site-url', 'https://example.org'])
  for (const script of ['dev-start.sh', 'dev-stop.sh']) expect(run(script).output).toContain('this is production')
})

it('deploy changes nothing when the backup fails', () => {
  run('setup-production-env.sh', ['--site-url', 'https://example.org'])
  const { code, output } = run('deploy.sh', ['--release', 'next'], { FAILS_ON: 'backup' })
  expect(code).toBe(1)
  expect(output).toContain('the backup failed, so nothing was changed')
  expect(calls()).not.toContain('-T migrate')
  expect(written('.env')).not.toContain('RELEASE')
})

it('two scripts that change the site do not work at once', () => {
  run('setup-production-env.sh', ['--local'])
  const held = spawn('flock', [path.join(folder, '.site.lock'), 'sleep', '30'])
  try {
    execFileSync('bash', [
      '-c',
      `for i in $(seq 100); do flock -n ${path.join(folder, '.site.lock')} true || exit 0; sleep 0.05; done; exit 1`,
    ])
    for (const [script, args] of [
      ['deploy.sh', []],
      ['rollback.sh', []],
      ['reset-db.sh', ['--yes']],
      ['restore-db.sh', ['latest', '--yes']],
    ] as const) {
      const { code, output } = run(script, [...args])
      expect([code, output.includes('another script is at work')]).toEqual([1, true])
    }
    expect(calls()).not.toContain('stop')
  } finally {
    held.kill()
  }
})

it('rollback says so when there is nothing to go back to', () => {
  run('setup-production-env.sh', ['--site-url', 'https://example.org'])
  expect(run('rollback.sh').output).toContain('there was no release before this one')
  expect(run('rollback.sh', ['--to', 'gone'], { FAILS_ON: 'image' }).output).toContain('of release gone is not here')
})
