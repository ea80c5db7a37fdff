import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'

const NAME = '000000010000000000000007'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kw-archive-'))
  writeFileSync(path.join(folder, NAME), randomBytes(100_000))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (script: string, ...args: string[]): number | null =>
  spawnSync('bash', [path.join(import.meta.dirname, script), ...args], {
    env: { PATH: process.env['PATH'], ARCHIVE_DIR: folder, ARCHIVE_SYSTEM: '7' },
    cwd: folder,
  }).status
const archived = (): string => path.join(folder, '7/wal', `${NAME}.gz`)

it('keeps a file of the log, and gives it back as it was', () => {
  expect(run('archive-wal.sh', path.join(folder, NAME), NAME)).toBe(0)
  expect(gunzipSync(readFileSync(archived()))).toEqual(readFileSync(path.join(folder, NAME)))
  expect(run('restore-wal.sh', NAME, path.join(folder, 'back'))).toBe(0)
  expect(readFileSync(path.join(folder, 'back'))).toEqual(readFileSync(path.join(folder, NAME)))
  expect(readdirSync(path.join(folder, '7/wal'))).toEqual([`${NAME}.gz`])
})

it('asked again for the same content it is content; another content under the same name is refused, and the first one stays', () => {
  run('archive-wal.sh', path.join(folder, NAME), NAME)
  const first = readFileSync(archived())
  expect(run('archive-wal.sh', path.join(folder, NAME), NAME)).toBe(0)
  writeFileSync(path.join(folder, 'other'), randomBytes(100_000))
  expect(run('archive-wal.sh', path.join(folder, 'other'), NAME)).not.toBe(0)
  expect(readFileSync(archived())).toEqual(first)
})

it('ends badly when there is nothing to keep or no place to keep it, so that PostgreSQL keeps its own', () => {
  expect(run('archive-wal.sh', path.join(folder, 'none'), NAME)).not.toBe(0)
  expect(existsSync(archived())).toBe(false)
  writeFileSync(path.join(folder, 'wal-is-a-file'), '')
  expect(
    spawnSync('bash', [path.join(import.meta.dirname, 'archive-wal.sh'), path.join(folder, NAME), NAME], {
      env: { PATH: process.env['PATH'], ARCHIVE_DIR: path.join(folder, 'wal-is-a-file'), ARCHIVE_SYSTEM: '7' },
    }).status,
  ).not.toBe(0)
})

it('L11: a truncated file of the archive is refused and leaves nothing behind; a missing one is the end of the log', () => {
  run('archive-wal.sh', path.join(folder, NAME), NAME)
  truncateSync(archived(), 50_000)
  expect(run('restore-wal.sh', NAME, path.join(folder, 'back'))).toBe(1)
  expect(run('restore-wal.sh', '000000010000000000000008', path.join(folder, 'back'))).toBe(1)
  expect(readdirSync(folder).toSorted()).toEqual([NAME, '7'].toSorted())
})
