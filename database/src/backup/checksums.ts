import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OperatorError } from '../operator-error.ts'

/** `sha256sum --check SHA256SUMS` reads it too. */
export const SUMS = 'SHA256SUMS'
/** The note that a backup was proved, made later and of no weight in a restore. */
export const PROVED = 'PROVED'

/** The text of SHA256SUMS for the files in a folder: all but itself and the note of a proof, in the order of their names. */
export async function computeSums(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name !== SUMS && name !== PROVED).sort()
  const lines: string[] = []
  for (const name of names) lines.push(`${await digestFile(path.join(folder, name))}  ${name}\n`)
  return lines.join('')
}

/**
 * Compares a folder with its SHA256SUMS. Throws `OperatorError`, naming every file that is damaged, missing, or not listed; says
 * nothing of what is in them.
 */
export async function verifySums(folder: string): Promise<void> {
  const recorded = await readFile(path.join(folder, SUMS), 'utf8').catch((error: unknown) => {
    throw new OperatorError(`${SUMS} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`)
  })
  const computed = await computeSums(folder)
  // To the last byte: a list that differs in anything is not the one that was written.
  if (recorded === computed) return
  const [before, now] = [byName(recorded), byName(computed)]
  const problems = [
    ...[...before].filter(([name]) => !now.has(name)).map(([name]) => `${shown(name)} is missing`),
    ...[...now].filter(([name]) => !before.has(name)).map(([name]) => `${shown(name)} is not in ${SUMS}`),
    ...[...now].filter(([name, sum]) => (before.get(name) ?? sum) !== sum).map(([name]) => `${shown(name)} is damaged`),
  ]
  throw new OperatorError(problems.length === 0 ? `${SUMS} is damaged` : problems.join(', '))
}

function byName(sums: string): Map<string, string> {
  return new Map(sums.split('\n').flatMap((line) => (line === '' ? [] : [[line.slice(66), line.slice(0, 64)] as const])))
}

function shown(name: string): string {
  return /^[\w.-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, 80))
}

async function digestFile(file: string): Promise<string> {
  // No link, no folder: what is compared must be what is restored.
  if (!(await lstat(file)).isFile()) throw new OperatorError(`${shown(path.basename(file))} is no file`)
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
