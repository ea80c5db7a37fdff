import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from '../commands.ts'
import { compareInstalled } from '../dependencies.ts'
import { StartFailure } from '../failure.ts'
import { ROOT } from './project-root.ts'

type Lock = Parameters<typeof compareInstalled>[0]

/** Installs what a lockfile lists, development packages included, unless it is there. `folder` is relative to the root. */
export async function installEverything(folder: string, announce: (line: string) => void): Promise<void> {
  const read = async (file: string) =>
    (JSON.parse(await readFile(path.join(ROOT, folder, file), 'utf8')) as { packages: Lock }).packages
  const wanted = await read('package-lock.json')
  const installed = await read('node_modules/.package-lock.json').catch(() => null)
  if (compareInstalled(wanted, installed) === 'everything') return
  announce(`installing the packages of ${folder === '' ? 'the project' : folder} from npm`)
  await runCommand('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: path.join(ROOT, folder),
  })
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The program of this name that a shell would run, or undefined. */
function findProgram(name: string): string | undefined {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin']
  return places.map((place) => path.join(place, name)).find((file) => existsSync(file))
}

/** The Chromium of this machine; installed through apt where it is missing and may be. */
export async function provideChromium(mayInstall: boolean, announce: (line: string) => void): Promise<string> {
  const find = () => BROWSERS.map(findProgram).find((file) => file !== undefined)
  const found = find()
  if (found !== undefined) return found
  await installThroughApt('chromium', mayInstall, announce)
  const installed = find()
  if (installed === undefined) throw new StartFailure('chromium was installed but cannot be found in PATH')
  return installed
}

/** Makes sure that nginx is there; installed through apt where it is missing and may be. */
export async function provideNginx(mayInstall: boolean, announce: (line: string) => void): Promise<void> {
  if (findProgram('nginx') === undefined) await installThroughApt('nginx', mayInstall, announce)
}

/** Makes sure that shellcheck is there; installed through apt where it is missing and may be. */
export async function provideShellcheck(mayInstall: boolean, announce: (line: string) => void): Promise<void> {
  if (findProgram('shellcheck') === undefined) await installThroughApt('shellcheck', mayInstall, announce)
}

async function installThroughApt(name: string, mayInstall: boolean, announce: (line: string) => void): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const prefix = isRoot ? [] : ['sudo', '-n']
  const canBeRoot =
    isRoot ||
    (await runCommand('sudo', 'sudo', ['-n', 'true']).then(
      () => true,
      () => false,
    ))
  if (!mayInstall || !canBeRoot || findProgram('apt-get') === undefined) {
    throw new StartFailure(
      `${name} is missing and needed by the steps you asked for: install it (apt-get install ${name}), or choose steps without it (npm test -- --list)`,
    )
  }
  announce(`${name} is missing: installing it with apt-get (--no-apt forbids it)`)
  const apt = (...args: string[]) => {
    const [command = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
    return runCommand('apt-get', command, rest)
  }
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', name)
  // The list of packages of a bare machine is empty or old.
  await install().catch(async () => {
    await apt('update', '-qq')
    await install()
  })
}
