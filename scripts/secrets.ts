import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * The path of a generated secret in the data folder, made at the first call: 32 random bytes, readable by their owner alone.
 * Of several processes that make it at once, all get the one that was first.
 */
export function provideSecret(dataDir: string, name: string): string {
  const folder = path.join(dataDir, 'secrets')
  const file = path.join(folder, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const making = `${file}.${process.pid}`
  writeFileSync(making, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  try {
    linkSync(making, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(making, { force: true })
  }
  return file
}

/** The secret itself. */
export function readSecret(file: string): string {
  return readFileSync(file, 'utf8').trim()
}
