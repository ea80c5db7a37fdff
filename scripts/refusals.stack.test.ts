import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, freeSettings, newFolder, processesOf, runSite, type Site } from './testing/run-site.ts'

const isRoot = process.getuid?.() === 0
const ROOT = path.join(import.meta.dirname, '..')
/** A container without the right to mount cannot hide a program from a process. */
const canHide = isRoot && succeeds('unshare', '--mount', 'true')
const sites: Site[] = []
const copies: string[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await cleanUp(site)
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true, force: true })
})

async function start(...args: Parameters<typeof runSite>): Promise<Site> {
  const site = await runSite(...args)
  sites.push(site)
  return site
}

/** One clear message, exit code not 0, nothing left running. */
async function expectRefusal(site: Site, ...lines: RegExp[]): Promise<void> {
  expect(await site.ended).not.toBe(0)
  const message = site.output().slice(site.output().indexOf('cannot start:'))
  for (const line of lines) expect(message).toMatch(line)
  expect(message).not.toMatch(/\n\s+at /)
  expect(site.output()).not.toMatch(/^ready /m)
  expect(processesOf(site.dataDir)).toEqual([])
}

describe('npm start refuses', () => {
  it('bad settings and a taken port, all in one message, and leaves nothing behind', async () => {
    const dataDir = path.join(newFolder(), 'data')
    const settings = await freeSettings(dataDir)
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(Number(settings['BACKEND_PORT']), '127.0.0.1', resolve))
    const site = await start({ ...settings, SITE_URL: 'kenn', HTTPS_PORT: '99999', JWT_SECRET: 'short', LOG_LEVEL: 'loud' })
    holder.close()
    await expectRefusal(site, /^ {2}SITE_URL: /m, /^ {2}HTTPS_PORT: /m, /^ {2}JWT_SECRET: /m, /^ {2}LOG_LEVEL: /m)
    await expectRefusal(
      site,
      new RegExp(`^ {2}BACKEND_PORT: port ${settings['BACKEND_PORT']} is taken by .*pid ${process.pid}`, 'm'),
    )
    expect(site.output()).not.toContain('short\n')
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false)
  })

  it('O13: a database without the secrets that belong to it, and prints none', async () => {
    const settings = await freeSettings(newFolder())
    const site = await start({ ...settings, DATABASE_URL: 'postgres://app:hunter2hunter2@127.0.0.1:1/site' })
    await expectRefusal(site, /JWT_SECRET: must be set/, /NUXT_SESSION_PASSWORD: must be set/)
    expect(site.output()).not.toContain('hunter2')
  })

  it('a data folder with a file in its place', async () => {
    const folder = newFolder()
    writeFileSync(path.join(folder, 'data'), 'I was here first')
    await expectRefusal(await start(await freeSettings(path.join(folder, 'data'))), /DATA_DIR: .* is not a folder/)
  })

  it.runIf(isRoot)('a data folder that the user may not write', async () => {
    const folder = newFolder()
    const site = await start(await freeSettings(path.join(folder, 'data')), [], { root: openCheckout(), before: AS_NOBODY })
    await expectRefusal(site, /DATA_DIR: .* is not writable/)
  })

  it('a mistyped flag', async () => {
    await expectRefusal(await start(await freeSettings(newFolder()), ['--noapt']), /--noapt: there is no such flag/)
  })

  it.runIf(canHide)('without nginx when apt is forbidden, and says what to do', async () => {
    const without = ['unshare', '--mount', 'sh', '-c', 'mount --bind /dev/null "$(command -v nginx)"; exec "$@"', 'sh']
    const site = await start(await freeSettings(newFolder()), ['--no-apt'], { before: without })
    await expectRefusal(
      site,
      /nginx was not found, and --no-apt forbids installing it: install it \(apt-get install nginx\), or start with --no-nginx/,
    )
  })

  it.each([['https://localhost:8443'], ['http://example.org'], ['http://localhost:1']])(
    '%s as its address without nginx',
    async (address) => {
      const site = await start({ ...(await freeSettings(newFolder())), SITE_URL: address }, ['--no-nginx'])
      await expectRefusal(site, /SITE_URL: without nginx it can only be http:\/\/localhost:/)
    },
  )

  it('the data of another PostgreSQL major', async () => {
    const dataDir = newFolder()
    mkdirSync(path.join(dataDir, 'postgres'))
    writeFileSync(path.join(dataDir, 'postgres/PG_VERSION'), '16\n')
    await expectRefusal(await start(await freeSettings(dataDir)), /holds data of PostgreSQL 16, and this site runs PostgreSQL 17/)
    expect(readdirSync(path.join(dataDir, 'postgres'))).toEqual(['PG_VERSION'])
  })

  it('an empty database where the installation had data', async () => {
    const dataDir = newFolder()
    writeFileSync(path.join(dataDir, 'installed.json'), '{}')
    await expectRefusal(await start(await freeSettings(dataDir)), /says that this site had data/)
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false)
  })

  it('a database whose password was lost', async () => {
    const dataDir = newFolder()
    mkdirSync(path.join(dataDir, 'postgres'))
    writeFileSync(path.join(dataDir, 'postgres/PG_VERSION'), '17\n')
    if (isRoot) chownSync(path.join(dataDir, 'postgres'), 65_534, 65_534)
    await expectRefusal(await start(await freeSettings(dataDir)), /the password of the PostgreSQL data in .* is lost/)
  })

  it('a database server that is not there', async () => {
    const secrets = { JWT_SECRET: 'x'.repeat(40), NUXT_SESSION_PASSWORD: 'y'.repeat(40) }
    const site = await start({
      ...(await freeSettings(newFolder())),
      ...secrets,
      DATABASE_URL: 'postgres://app:hunter2hunter2@127.0.0.1:1/site',
    })
    await expectRefusal(site, /the database could not be migrated: .*ECONNREFUSED/)
    expect(site.output()).not.toContain('hunter2')
  })
})

describe.runIf(isRoot)('npm start runs', () => {
  it('for root from a folder that nobody else can enter', async () => {
    const closed = copyCheckout('kw-closed-')
    const site = await start(await freeSettings(path.join(closed, '.data')), [], { root: closed })
    const note = site.output().match(/the database is in (\S+)/)?.[1] ?? ''
    try {
      expect(site.output()).toMatch(/^ready https:\/\/localhost:\d+$/m)
      expect(note).toMatch(/^\/var\/lib\/kennwilliamson\/data-/)
    } finally {
      await cleanUp(site)
      const places = site.output().matchAll(/(\/var\/lib\/kennwilliamson\/(?:data|nginx|public)-\w+)/g)
      for (const [place] of places) rmSync(place, { recursive: true, force: true })
      rmSync(closed, { recursive: true, force: true })
    }
  })

  it('for an ordinary user', async () => {
    const dataDir = newFolder()
    chownSync(dataDir, 65_534, 65_534)
    const site = await start(await freeSettings(dataDir), [], { root: openCheckout(), before: AS_NOBODY })
    expect(site.output()).toMatch(/^ready https/m)
    const users = execFileSync('ps', ['-o', 'user=', '-p', processesOf(dataDir).join(',')], { encoding: 'utf8' })
    expect(new Set(users.trim().split(/\s+/))).toEqual(new Set(['nobody']))
  })
})

const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

function succeeds(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What a start needs of this checkout, in a new folder that only its owner can enter. */
function copyCheckout(name: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), name))
  const copied = [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'scripts',
    'nginx',
    'contracts',
    'database',
    'backend',
    'frontend',
    'node_modules',
    '.runtime',
  ]
  const found = copied.map((file) => path.join(ROOT, file)).filter((file) => existsSync(file))
  // Links where the disk allows it: there are tens of thousands of files.
  execFileSync('sh', ['-c', 'to=$1; shift; cp -al -- "$@" "$to" 2>/dev/null || cp -a -- "$@" "$to"', 'sh', copy, ...found])
  return copy
}

/** A checkout that everybody can enter: this one, or a copy where it stands in somebody's closed home. */
function openCheckout(): string {
  const [setpriv = '', ...args] = AS_NOBODY
  if (succeeds(setpriv, ...args, 'test', '-r', path.join(ROOT, 'package.json'))) return ROOT
  const copy = copyCheckout('kw-open-')
  chmodSync(copy, 0o755)
  copies.push(copy)
  return copy
}
