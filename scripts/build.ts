import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from './commands.ts'

/** Inside the build, so that whoever builds by hand removes it and we build again. */
const MARKER = 'frontend/.output/inputs.sha256'
const NOT_INPUTS = new Set(['node_modules', '.nuxt', '.output', '.data', '.cache'])

/**
 * Builds the pages unless what they are made of is what it was at the last build: the files of frontend/ and contracts/,
 * the lockfile, the major version of Node. Says what came of it.
 */
export async function buildFrontend(root: string, announce: (line: string) => void): Promise<string> {
  const inputs = await hashInputs(root)
  const marker = path.join(root, MARKER)
  if ((await readFile(marker, 'utf8').catch(() => '')) === inputs) return 'pages are built'
  announce('building the pages, once after each change (about half a minute)')
  await rm(marker, { force: true })
  await runCommand('the build of the pages', process.execPath, [nuxtProgram(root), 'build'], {
    cwd: path.join(root, 'frontend'),
    env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' },
  })
  await writeFile(marker, inputs)
  return 'pages built'
}

/** The path of Nuxt's own command, to be run with this Node whatever `node` means on the machine. */
export function nuxtProgram(root: string): string {
  return path.join(root, 'node_modules/nuxt/bin/nuxt.mjs')
}

/** One hash over names and contents of everything that the build reads. */
export async function hashInputs(root: string): Promise<string> {
  const hash = createHash('sha256').update(`node ${process.versions.node.split('.')[0]}\n`)
  const files = [...(await listFiles(path.join(root, 'frontend'))), ...(await listFiles(path.join(root, 'contracts')))]
  for (const file of [...files.filter((name) => !name.endsWith('.test.ts')), path.join(root, 'package-lock.json')].toSorted()) {
    const content = await readFile(file)
    hash.update(`${path.relative(root, file)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const lists = entries.map(async (entry) => {
    if (NOT_INPUTS.has(entry.name)) return []
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? listFiles(file) : [file]
  })
  return (await Promise.all(lists)).flat()
}
