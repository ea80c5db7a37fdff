import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startEmbeddedServer } from '@kennwilliamson/database/embedded-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, walk, type Person } from '../walk.ts'
import type { Stack } from './engine.ts'
import { describeLoad, putLoad } from './load.ts'
import { becomesReady, inspect, SERVICES, startLocalProd } from './local-prod.ts'

/** The drill: longer, the same. */
const LONG = process.env['LONG_FORM'] === 'yes'
const words: string[] = []
let stack: Stack
let person: Person

beforeAll(async () => {
  const started = await startLocalProd('local')
  stack = started.stack
  words.push(`healthy after ${started.seconds.toFixed(1)} s`)
})
afterAll(async () => {
  process.stdout.write(`${words.join('\n')}\n`)
  await stack.remove()
}, 120_000)

describe('the production form on this machine', () => {
  it('is walked over TLS: sign-up, reset, public page, sign-in', async () => {
    person = await walk(stack.url, (line) => words.push(line))
  })

  it.each(['dev', 'local-prod', 'prod'])(
    'is valid in the form %s with what .env.example says, without a warning',
    async (form) => {
      const files = ['-f', 'compose.yaml', '-f', `compose.${form}.yaml`]
      const { PATH = '', DOCKER_CONFIG = '' } = stack.environment
      const bare = ['-i', `PATH=${PATH}`, `DOCKER_CONFIG=${DOCKER_CONFIG}`]
      const check = ['docker', 'compose', '--env-file', '.env.example', ...files, 'config', '-q']
      expect(await stack.run('env', ...bare, ...check)).toEqual({ code: 0, output: '' })
    },
  )

  it('sends plain http on, and refuses the API there', async () => {
    const page = await fetch(`${stack.httpUrl}/`, { redirect: 'manual' })
    expect([page.status, page.headers.get('location')]).toEqual([301, `${stack.url}/`])
    expect((await fetch(`${stack.httpUrl}/backend/health`)).status).toBe(403)
  })

  it.each(SERVICES)('%s runs without root, capabilities, a writable root or a way to get them', async (service) => {
    const { Config, HostConfig } = await inspect(stack, service)
    expect(Config.User).toMatch(/^(?!0|root)\w+/)
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, Privileged: false, CapDrop: ['ALL'], CapAdd: null })
    expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true')
    expect(HostConfig.PidsLimit).toBeGreaterThan(0)
    expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped')
    const [id = ''] = await stack.containers(service)
    const touched = await stack.run('docker', 'exec', id, 'touch', '/etc/touched')
    expect(touched.output).toContain('Read-only file system')
    expect((await stack.docker('exec', id, 'id', '-u')).trim()).not.toBe('0')
  })

  it('keeps each in its memory, without swap', async () => {
    const megabytes = await Promise.all(SERVICES.map(async (service) => (await inspect(stack, service)).HostConfig))
    expect(megabytes.map(({ Memory }) => Memory / 2 ** 20)).toEqual([300, 150, 200, 50])
    expect(megabytes.every(({ Memory, MemorySwap }) => Memory === MemorySwap)).toBe(true)
  })

  it('publishes nginx alone, and gives the database no way out or in', async () => {
    for (const service of ['database', 'backend', 'frontend'])
      expect((await inspect(stack, service)).HostConfig.PortBindings).toEqual({})
    expect(Object.keys((await inspect(stack, 'nginx')).HostConfig.PortBindings).toSorted()).toEqual(['8080/tcp', '8443/tcp'])
    const project = stack.environment['COMPOSE_PROJECT_NAME'] ?? ''
    for (const network of ['data', 'inside'])
      expect((await stack.docker('network', 'inspect', '-f', '{{.Internal}}', `${project}_${network}`)).trim()).toBe('true')
    const reach = await stack.run('docker', 'compose', 'exec', '-T', 'frontend', 'bash', '-c', 'exec 3<>/dev/tcp/database/5432')
    expect(reach.code).not.toBe(0)
  })

  it('Z12: the role of the API has no DDL', async () => {
    const asApp = await stack.run(
      'docker',
      'compose',
      'run',
      '--rm',
      '--no-deps',
      '-T',
      'operations',
      'sh',
      '-c',
      'psql "$(cat /run/secrets/database_url)" -c "create table mine (x int)"',
    )
    expect(asApp.output).toContain('permission denied')
  })

  it('has no secret in the environment of any container, and no npm in it', async () => {
    const secrets = await stack.run('sh', '-c', 'cat secrets/*')
    const values = secrets.output.split('\n').flatMap((line) => line.match(/[0-9a-f]{64}/g) ?? [])
    expect(values.length).toBe(6)
    for (const service of SERVICES) {
      const all = JSON.stringify(await inspect(stack, service))
      expect(values.filter((value) => all.includes(value))).toEqual([])
    }
    for (const service of ['backend', 'frontend'])
      expect((await stack.run('docker', 'compose', 'exec', '-T', service, 'npm', '--version')).code).not.toBe(0)
  })

  it('health-check says that all is well, and what is not', async () => {
    const well = await stack.run('scripts/health-check.sh')
    expect(well.output).not.toContain('FAILED')
    expect(well.code).toBe(0)
    await stack.compose('stop', 'frontend')
    const ill = await stack.run('scripts/health-check.sh')
    await stack.compose('start', 'frontend')
    expect(ill.code).toBe(1)
    expect(ill.output).toMatch(/FAILED +frontend +does not run/)
  })

  it('L04: the database forces to disk, checks its pages and archives its log', async () => {
    const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'archive_mode', 'wal_level']
    const values = await Promise.all(names.map((name) => stack.sql(`show ${name}`)))
    expect(values).toEqual(['on', 'on', 'on', 'on', 'on', 'replica'])
  })
})

describe('memory', () => {
  /** Megabytes by service, and all together. */
  async function measure(): Promise<Record<string, number>> {
    const ids = (await Promise.all(SERVICES.map((service) => stack.containers(service)))).flat()
    const lines = (await stack.docker('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', ...ids)).trim().split('\n')
    const entries = lines.map((line) => {
      const [, service = '', number, unit = ''] = /-(\w+)-\d+ ([\d.]+)(\w+)/.exec(line) ?? []
      return [service, Number(number) * ({ KiB: 1 / 1024, MiB: 1, GiB: 1024 }[unit] ?? Number.NaN)] as const
    })
    return { ...Object.fromEntries(entries), all: entries.reduce((sum, [, megabytes]) => sum + megabytes, 0) }
  }
  const tell = (what: string, figures: Record<string, number>) =>
    words.push(
      `${what}, MB: ${Object.entries(figures)
        .map(([name, megabytes]) => `${name} ${megabytes.toFixed(0)}`)
        .join(', ')}`,
    )

  it('idle, all take at most 450 MB', async () => {
    const idle = await measure()
    tell('idle', idle)
    expect(Object.keys(idle).toSorted()).toEqual([...SERVICES, 'all'].toSorted())
    expect(idle['all']).toBeLessThan(450)
  })

  it('under 50 requests a second, sign-in included, at most 700 MB, and nothing is killed', async () => {
    const most: Record<string, number> = {}
    const over = { on: false }
    const load = putLoad({ origin: stack.url, concurrency: 20, kind: 'mixed', rate: 50, isOver: () => over.on })
    const until = Date.now() + (LONG ? 120_000 : 15_000)
    while (Date.now() < until)
      for (const [name, megabytes] of Object.entries(await measure())) most[name] = Math.max(most[name] ?? 0, megabytes)
    over.on = true
    const report = await load
    tell('under load', most)
    words.push(`load: ${describeLoad(report)}`)
    expect([report.failures, report.refused]).toEqual([[], 0])
    expect(most['all']).toBeLessThan(700)
    for (const service of SERVICES) expect((await inspect(stack, service)).State.OOMKilled).toBe(false)
  })
})

describe('data', () => {
  const state = async () => ({
    users: await stack.sql('select count(*) from users'),
    incidents: await stack.sql('select count(*), max(occurred_at) from incidents'),
    digest: await stack.sql("select md5(string_agg(i::text, '|' order by id)) from incidents i"),
  })
  const signsIn = async () => {
    const { email, password } = person
    return (await ask(stack.url, 'POST', '/backend/auth/login', { body: { email, password } })).status
  }

  it.each(['custom', 'tables'])('a backup in the format %s brings everything back after the data is gone', async (format) => {
    const made = await stack.run('scripts/backup-db.sh', '--format', format, '--prove')
    expect(made).toMatchObject({ code: 0 })
    const before = await state()
    await stack.sql('delete from users')
    expect(await signsIn()).toBe(401)
    const began = Date.now()
    const restored = await stack.run('scripts/restore-db.sh', 'latest', '--yes')
    expect(restored.output).toContain('restored')
    expect(restored.code).toBe(0)
    words.push(`restored from ${format} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
    expect(await state()).toEqual(before)
    await becomesReady(stack)
    expect(await signsIn()).toBe(200)
  })

  it('moves to the embedded form and back', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'kw-moving-'))
    const data = await mkdtemp(path.join(tmpdir(), 'kw-moving-data-'))
    const server = await startEmbeddedServer({ dataDir: data, port: 0, durable: false })
    try {
      const before = await state()
      expect((await stack.run('scripts/backup-db.sh', '--format', 'tables', '--copy-to', folder)).code).toBe(0)
      const role = (name: string) => `postgres://${name}:${'p'.repeat(40)}@127.0.0.1:${server.port}/kennwilliamson`
      const env = {
        PATH: process.env['PATH'],
        SUPERUSER_URL: server.url,
        MIGRATION_DATABASE_URL: role('kennwilliamson_owner'),
        DATABASE_URL: role('kennwilliamson_app'),
        BACKUP_DIR: folder,
      }
      const operate = (program: string, ...args: string[]) =>
        execFileSync(process.execPath, [`database/src/${program}-cli.ts`, ...args], {
          cwd: path.join(import.meta.dirname, '../..'),
          env,
          encoding: 'utf8',
        })
      operate('roles')
      operate('backup', 'restore', 'latest')
      operate('backup', 'backup')
      const name = operate('backup', 'list', '--newest').trim()
      await stack.sql('delete from users')
      const restored = await stack.run('scripts/restore-db.sh', name, '--from', folder, '--yes')
      expect(restored.output).toContain('restored')
      expect(await state()).toEqual(before)
      await becomesReady(stack)
      expect(await signsIn()).toBe(200)
    } finally {
      await server.stop()
      for (const made of [folder, data]) await rm(made, { recursive: true, force: true })
    }
  })

  it('L11: a flipped byte is refused, and nothing is touched', async () => {
    await stack.run('scripts/backup-db.sh')
    const before = await state()
    await stack.compose(
      'run',
      '--rm',
      '--no-deps',
      '-T',
      'operations',
      'bash',
      '-c',
      'f=$(ls -d /backups/2*/ | sort | tail -n 1)database.dump; chmod u+w "$f"; b=$(od -An -tu1 -j200 -N1 "$f"); printf "\\x$(printf %02x $((b ^ 1)))" | dd of="$f" bs=1 seek=200 conv=notrunc status=none',
    )
    const refused = await stack.run('scripts/restore-db.sh', 'latest', '--yes')
    expect(refused.code).not.toBe(0)
    expect(await state()).toEqual(before)
    expect(await signsIn()).toBe(200)
    await stack.compose(
      'run',
      '--rm',
      '--no-deps',
      '-T',
      'operations',
      'bash',
      '-c',
      'rm -rf "$(ls -d /backups/2*/ | sort | tail -n 1)"',
    )
  })

  it('is brought back to the moment before a bad delete', async () => {
    await stack.compose('run', '--rm', '--no-deps', '-T', 'operations', 'base-backup.sh')
    await ask(stack.url, 'POST', '/backend/incident-timers', { token: person.token, body: { notes: 'after the base backup' } })
    const before = await state()
    await delay(1_100)
    const moment = await stack.sql('select clock_timestamp()')
    await delay(1_100)
    await stack.sql('delete from incidents')
    const began = Date.now()
    const recovered = await stack.run('scripts/restore-db.sh', '--to', moment, '--yes')
    expect(recovered.output).toContain('recovered to just before')
    expect(recovered.code).toBe(0)
    words.push(`recovered to a moment in ${((Date.now() - began) / 1000).toFixed(1)} s`)
    expect(await state()).toEqual(before)
    await becomesReady(stack)
    expect(await signsIn()).toBe(200)
  })

  it('a time after the last thing that was written changes nothing, and the site goes on', async () => {
    const before = await state()
    await delay(2_000)
    const recovered = await stack.run('scripts/restore-db.sh', '--to', new Date(Date.now() - 1_000).toISOString(), '--yes')
    expect(recovered.output).toMatch(/the log ends before|could not be rolled forward|recovered to just before/)
    expect(await state()).toEqual(before)
    await becomesReady(stack)
    expect(await signsIn()).toBe(200)
  })

  it('a time that no base backup reaches is refused, and the database goes on', async () => {
    const refused = await stack.run('scripts/restore-db.sh', '--to', '2020-01-01 00:00:00+00', '--yes')
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('there is no base backup from before')
    await becomesReady(stack)
    expect(await signsIn()).toBe(200)
  })
})
