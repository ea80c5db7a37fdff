import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kw-preflight-'))
  writeFileSync(path.join(folder, 'file'), '')
  symlinkSync(folder, path.join(folder, 'link'))
  symlinkSync(path.join(folder, 'gone'), path.join(folder, 'dangling'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** In a process of its own: what never ends there ends nothing here. */
function problemsOf(dataDir: string): unknown {
  const program = `import { dataFolderProblems } from '${path.join(import.meta.dirname, 'preflight.ts')}'
    process.stdout.write(JSON.stringify(dataFolderProblems(process.argv[1])))`
  const args = ['--input-type=module', '--eval', program, dataDir]
  return JSON.parse(execFileSync(process.execPath, args, { timeout: 10_000, killSignal: 'SIGKILL', encoding: 'utf8' }))
}

describe('dataFolderProblems', () => {
  it.each(['data', 'several/folders/deep', 'link/data', '.'])('has nothing against %s, and makes it', (name) => {
    expect(problemsOf(path.join(folder, name))).toEqual([])
    expect(existsSync(path.join(folder, name, 'run'))).toBe(true)
  })

  it.each(['/proc/x', '/proc/x/y/z', '/dev/null/x', '/dev/null'])('says in one line that %s cannot be, at once', (dataDir) => {
    expect(problemsOf(dataDir)).toEqual([
      expect.stringMatching(
        new RegExp(`^DATA_DIR: ${dataDir} (is where no folder can be made|is not a folder|is not writable.*)$`),
      ),
    ])
  })

  it.each(['file', 'file/data', 'dangling/data'])('refuses %s', (name) => {
    expect(problemsOf(path.join(folder, name))).toEqual([expect.stringContaining('is not a folder')])
  })
})
