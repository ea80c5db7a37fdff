import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, cleanUp, freeSettings, newFolder, processesOf, runSite, type Site } from './testing/run-site.ts'
import { ACCOUNT, createLoad, findLostWrites, killPart, signUp, type Load } from './testing/site-load.ts'

const sites: Site[] = []
async function start(settings?: Record<string, string>, flags: string[] = []): Promise<Site> {
  const site = await runSite(settings ?? (await freeSettings(newFolder())), flags)
  sites.push(site)
  return site
}
afterEach(async () => {
  for (const site of sites.splice(0)) await cleanUp(site)
})

describe('npm start', () => {
  it('says ready last, refuses a second start on the same data, and stops on SIGTERM to npm alone', async () => {
    const site = await start()
    expect(site.output().trim().split('\n').at(-1)).toBe(`ready https://localhost:${site.httpsPort}`)
    expect((await ask(site, 'GET', '/api/health')).status).toBe(200)
    expect((await ask(site, 'GET', '/backend/health/ready')).status).toBe(200)

    const second = await start({ ...(await freeSettings(site.dataDir)) })
    expect(await second.ended).not.toBe(0)
    expect(second.output()).toContain(`the site runs already: https://localhost:${site.httpsPort} (pid ${site.instance().pid}`)
    sites.pop()
    expect((await ask(site, 'GET', '/api/health')).status).toBe(200)

    site.npm.kill('SIGTERM')
    await site.ended
    expect(site.output()).toMatch(
      /nginx +│ stopped[^]*nuxt +│ stopped[^]*api +│ stopped[^]*postgres │ stopped[^]*site +│ stopped/,
    )
    expect(processesOf(site.dataDir)).toEqual([])
    expect(existsSync(path.join(site.dataDir, 'run/supervisor.json'))).toBe(false)
  })

  it('starts again in under 5 s with what was there, and stops on Ctrl-C', async () => {
    const first = await start()
    await signUp(first)
    process.kill(-(first.npm.pid ?? 0), 'SIGINT')
    expect(await first.ended).toBe(0)
    const began = Date.now()
    const second = await start(first.environment)
    expect(second.output()).toMatch(/^ready /m)
    expect(Date.now() - began).toBeLessThan(5_000)
    expect(second.output()).toContain('pages are built')
    expect((await ask(second, 'POST', '/backend/auth/login', ACCOUNT)).status).toBe(200)
    process.kill(-(second.npm.pid ?? 0), 'SIGINT')
    expect(await second.ended).toBe(0)
    expect(processesOf(second.dataDir)).toEqual([])
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'leaves no process when %s comes in the middle of the start',
    async (signal) => {
      const dataDir = newFolder()
      const starting = start(await freeSettings(dataDir))
      for (let tries = 0; tries < 3_000 && !existsSync(path.join(dataDir, 'postgres/postmaster.pid')); tries++) await delay(20)
      const lock = JSON.parse(readFileSync(path.join(dataDir, 'run/supervisor.json'), 'utf8')) as { pid: number }
      process.kill(lock.pid, signal)
      const site = await starting
      await site.ended
      expect(site.output()).not.toMatch(/^ready /m)
      expect(site.output()).not.toContain('cannot start')
      expect(processesOf(dataDir)).toEqual([])
    },
  )

  it('leaves nothing for long when it is killed itself, and starts again on the same data', async () => {
    const first = await start()
    process.kill(first.instance().pid, 'SIGKILL')
    const second = await start(first.environment)
    expect(second.output()).toMatch(/^ready /m)
    const running = second.instance().children.map(({ pid }) => pid)
    const left = processesOf(first.dataDir).filter(
      (pid) => execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).trim() === '1',
    )
    expect(left.filter((pid) => !running.includes(pid))).toEqual([])
  })

  it('ends when npm was killed and can hand no signal on', async () => {
    const site = await start()
    site.npm.kill('SIGKILL')
    for (let tries = 0; tries < 200 && processesOf(site.dataDir).length > 0; tries++) await delay(100)
    expect(processesOf(site.dataDir)).toEqual([])
  })

  it('runs without nginx on http://localhost, and says what is missing', async () => {
    const site = await start(undefined, ['--no-nginx'])
    expect(site.output()).toContain(`ready http://localhost:${site.httpPort}`)
    expect(site.output()).toContain('without nginx there is no TLS')
    const page = await fetch(`http://localhost:${site.httpPort}/`)
    expect(page.status).toBe(200)
    expect((await fetch(`http://localhost:${site.httpPort}/backend/health/ready`)).status).toBe(200)
    expect(site.instance().children.map(({ name }) => name)).toEqual(['postgres', 'api', 'nuxt'])
  })
})

describe('a part that is killed', () => {
  let site: Site
  let load: Load
  beforeAll(async () => {
    site = await runSite(await freeSettings(newFolder()))
    load = createLoad(site, await signUp(site))
  })
  afterAll(() => cleanUp(site))

  it.each(['api', 'nuxt', 'nginx', 'postgres'])('L01: %s is back within 5 s, and no acknowledged write is lost', async (name) => {
    for (let number = 0; number < 10; number++) expect(await load.write()).toBe(true)
    await load.whileWriting(async () => {
      await delay(100)
      expect(await killPart(site, load, name)).toBeLessThan(5_000)
    })
    expect(site.output()).toMatch(new RegExp(`${name} ended \\(.*\\): starting it again`))
    expect(await findLostWrites(site, load.acknowledged)).toEqual([])
    // Negative control: one that was never written is missed.
    const never = randomUUID()
    expect(await findLostWrites(site, [...load.acknowledged, never])).toEqual([never])
  })
})
