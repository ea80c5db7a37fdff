import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from './commands.ts'

interface LockedPackage {
  version?: string
  integrity?: string
  link?: boolean
  dev?: boolean
  optional?: boolean
  devOptional?: boolean
}
type Lock = Record<string, LockedPackage>

export type Installed = 'nothing' | 'outdated' | 'production' | 'everything'

/**
 * What of package-lock.json is installed, by the list that npm itself writes when an installation is complete. Optional
 * packages are not compared: which of them are there depends on the machine.
 */
export function compareInstalled(wanted: Lock, installed: Lock | null): Installed {
  if (installed === null) return 'nothing'
  const isSame = ([place, found]: [string, LockedPackage]): boolean =>
    installed[place]?.version === found.version && installed[place]?.integrity === found.integrity
  const needed = Object.entries(wanted).filter(
    ([place, found]) =>
      place.includes('node_modules/') && found.link !== true && found.optional !== true && found.devOptional !== true,
  )
  const missing = needed.filter((entry) => !isSame(entry))
  if (missing.length === 0) return 'everything'
  return missing.every(([, found]) => found.dev === true) ? 'production' : 'outdated'
}

/**
 * Installs what package-lock.json lists, unless it is there. Someone who develops here keeps the development packages:
 * they are left out only where they were not before.
 */
export async function installDependencies(root: string, announce: (line: string) => void): Promise<string> {
  const wanted = await readLock(path.join(root, 'package-lock.json'))
  const before = await readLock(path.join(root, 'node_modules/.package-lock.json')).catch(() => null)
  const state = compareInstalled(wanted, before)
  if (state === 'production' || state === 'everything') return 'packages are installed'
  const hadAll = before !== null && Object.values(before).some((found) => found.dev === true)
  announce(
    state === 'nothing'
      ? 'installing packages from npm, once (about a minute)'
      : 'installing packages from npm, as the list of them has changed',
  )
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...(hadAll ? [] : ['--omit=dev'])]
  await runCommand('npm ci', 'npm', args, { cwd: root })
  return 'packages installed'
}

async function readLock(file: string): Promise<Lock> {
  return (JSON.parse(await readFile(file, 'utf8')) as { packages: Lock }).packages
}
