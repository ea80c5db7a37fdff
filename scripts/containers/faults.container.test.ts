import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, signUp, walk, type Person } from '../walk.ts'
import type { Stack } from './engine.ts'
import { describeLoad, putLoad } from './load.ts'
import { allHealthy, becomesReady, inspect, SERVICES, startLocalProd } from './local-prod.ts'

// What the production form withstands: lost parts, replaced parts, broken releases.

/** The drill: longer, the same. */
const LONG = process.env['LONG_FORM'] === 'yes'
const words: string[] = []
let stack: Stack
let person: Person

beforeAll(async () => {
  stack = (await startLocalProd('faults')).stack
  person = await walk(stack.url, () => undefined)
})
afterAll(async () => {
  process.stdout.write(`${words.join('\n')}\n`)
  await stack.remove()
}, 120_000)

describe('faults', () => {
  it('O04, O15: without its database it stays alive, says that it is not ready, serves the public page, and comes back by itself', async () => {
    const page = `/${person.slug}/incident-timer`
    expect((await ask(stack.url, 'GET', page)).status).toBe(200)
    await stack.compose('stop', '--timeout', '5', 'database')
    const away = Date.now()
    const seen: number[][] = []
    while (Date.now() - away < (LONG ? 30_000 : 8_000)) {
      const answers = await Promise.all(
        [page, '/backend/health', '/backend/health/ready', '/backend/health/db'].map((path) => ask(stack.url, 'GET', path)),
      )
      seen.push(answers.map(({ status }) => status))
      await delay(500)
    }
    await stack.compose('start', 'database')
    const back = await becomesReady(stack)
    expect(seen.length).toBeGreaterThan(4)
    for (const statuses of seen) expect(statuses).toEqual([200, 200, 503, 503])
    expect(back).toBeLessThan(5_000)
    expect((await inspect(stack, 'backend')).RestartCount).toBe(0)
    expect((await ask(stack.url, 'GET', page)).status).toBe(200)
  })

  it('L01: kill -9 of the database under writes loses nothing that was acknowledged', async () => {
    const acknowledged: string[] = []
    const writing = { on: true }
    const writers = Promise.all(
      [1, 2, 3, 4].map(async () => {
        while (writing.on) {
          const answer = await ask(stack.url, 'POST', '/backend/incident-timers', { token: person.token, body: {} }).catch(
            () => null,
          )
          if (answer?.status === 201) acknowledged.push((JSON.parse(answer.body) as { id: string }).id)
        }
      }),
    )
    await delay(1_500)
    await stack.compose('kill', '--signal', 'SIGKILL', 'database')
    await stack.compose('start', 'database')
    await becomesReady(stack)
    await delay(500)
    writing.on = false
    await writers
    const kept = new Set((await stack.sql('select id from incidents')).split('\n'))
    expect(acknowledged.length).toBeGreaterThan(20)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  })

  it('O16: of two migrators at once both end well', async () => {
    const both = await Promise.all([1, 2].map(() => stack.run('docker', 'compose', 'run', '--rm', '-T', 'migrate')))
    expect(both.map(({ code }) => code)).toEqual([0, 0])
  })

  it('O13: a missing secret stops the start with one clear line', async () => {
    const ended = await stack.run(
      'docker',
      'compose',
      'run',
      '--rm',
      '--no-deps',
      '-T',
      '-e',
      'JWT_SECRET_FILE=/run/secrets/none',
      'backend',
    )
    expect(ended.code).toBe(1)
    expect(ended.output).toContain('JWT_SECRET_FILE: cannot read /run/secrets/none')
  })
})

describe('several of each', () => {
  beforeAll(async () => {
    Object.assign(stack.environment, { BACKEND_REPLICAS: '3', FRONTEND_REPLICAS: '2' })
    await stack.compose('up', '--detach', '--wait', '--no-recreate', '--scale', 'backend=3', '--scale', 'frontend=2')
    await delay(3_000)
  }, 120_000)

  it('O01: replaced one after the other under load, no request fails', async () => {
    const rolling = { on: true }
    const load = putLoad({
      origin: stack.url,
      concurrency: 12,
      kind: 'mixed',
      isOver: () => !rolling.on,
      ...(LONG ? { requests: 50_000 } : {}),
    })
    const ended = load.finally(() => (rolling.on = false))
    do {
      const rolled = await stack.run('bash', '-c', 'source scripts/lib/site.sh && roll backend && roll frontend')
      expect([rolled.code, rolled.output.trim()]).toEqual([0, ''])
    } while (LONG && rolling.on)
    if (!LONG) await delay(1_000)
    rolling.on = false
    await ended
    const report = await load
    words.push(`rolling restart: ${describeLoad(report)}`)
    expect(report.requests).toBeGreaterThan(500)
    expect([report.failures, report.refused]).toEqual([[], 0])
    expect(await stack.containers('backend')).toHaveLength(3)
  })

  it.each([
    ['O02', 'SIGKILL', 'backend'],
    ['O02', 'SIGKILL', 'frontend'],
    ['O02', 'SIGSTOP', 'backend'],
    ['O02', 'SIGSTOP', 'frontend'],
  ])('%s: %s of one %s, and no read fails', async (_id, signal, service) => {
    const [victim = ''] = await stack.containers(service)
    const over = { on: false }
    const load = putLoad({ origin: stack.url, concurrency: 12, kind: 'reads', isOver: () => over.on })
    await delay(1_000)
    if (signal === 'SIGSTOP') await stack.docker('pause', victim)
    else await stack.docker('kill', '--signal', signal, victim)
    await delay(8_000)
    over.on = true
    const report = await load
    await (signal === 'SIGSTOP' ? stack.docker('unpause', victim) : stack.docker('start', victim))
    words.push(`${signal} of one ${service}: ${describeLoad(report)}`)
    expect([report.failures, report.refused]).toEqual([[], 0])
    await allHealthy(stack)
  })
})

describe('a new release', () => {
  beforeAll(async () => {
    Object.assign(stack.environment, { BACKEND_REPLICAS: '1', FRONTEND_REPLICAS: '1' })
    await stack.compose('up', '--detach', '--wait', '--no-recreate')
  })

  it('O09: one that does not become healthy is not put into service, and the one before goes on', async () => {
    await signUp(stack.url)
    const before = await stack.containers('backend')
    await stack.run('sh', '-c', 'printf \'throw new Error("broken on purpose")\\n\' > backend/src/main.ts')
    const over = { on: false }
    const load = putLoad({ origin: stack.url, concurrency: 4, kind: 'mixed', rate: 40, isOver: () => over.on })
    const began = Date.now()
    const deployed = await stack.run('scripts/deploy.sh', '--release', 'broken')
    over.on = true
    const report = await load
    words.push(`broken release, ${((Date.now() - began) / 1000).toFixed(0)} s: ${describeLoad(report)}`)
    expect(deployed.code).toBe(1)
    expect(deployed.output).toContain('release broken is not in service; latest goes on')
    expect(deployed.output).toContain('broken on purpose')
    expect(Number(/going back took (\d+) s/.exec(deployed.output)?.[1])).toBeLessThanOrEqual(60)
    expect(report.failures).toEqual([])
    expect((await stack.containers('backend')).toSorted()).toEqual(before.toSorted())
  })

  it('a good one takes its place, and rollback puts the one before back', async () => {
    await stack.run('git', 'init', '-q')
    await stack.run('cp', `${import.meta.dirname}/../../backend/src/main.ts`, 'backend/src/main.ts')
    const deployed = await stack.run('scripts/deploy.sh', '--release', 'good')
    expect(deployed.output).toContain('release good is in service')
    expect(deployed.code).toBe(0)
    await walk(stack.url, () => undefined)
    // As after a release with a migration of its own.
    await stack.sql('insert into schemaversion (version) values (999)')
    const back = await stack.run('scripts/rollback.sh')
    expect(back.output).toContain('release latest is in service again')
    expect(back.code).toBe(0)
    expect((await stack.run('docker', 'compose', 'run', '--rm', '--no-deps', '-T', 'migrate')).code).toBe(0)
    await stack.sql('delete from schemaversion where version = 999')
    await walk(stack.url, () => undefined)
  })
})

it('nothing was killed for want of memory, and reset-db empties the database after a backup', async () => {
  for (const service of SERVICES) expect((await inspect(stack, service)).State.OOMKilled).toBe(false)
  expect((await stack.run('scripts/reset-db.sh')).code).toBe(1)
  expect(await stack.sql('select count(*) from users')).not.toBe('0')
  const reset = await stack.run('scripts/reset-db.sh', '--yes')
  expect(reset.code).toBe(0)
  expect(await stack.sql('select count(*) from users')).toBe('0')
  await becomesReady(stack)
  expect((await stack.run('scripts/backup-db.sh', '--list')).output).toContain('before-reset')
})
