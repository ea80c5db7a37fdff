import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './project-root.ts'
import { faultsOf, readRequirements } from './security-page.ts'

const read = (file: string): string | null => {
  const whole = path.join(ROOT, file)
  return existsSync(whole) ? readFileSync(whole, 'utf8') : null
}
const page = read('docs/security.md') ?? ''

describe('the requirements in docs/security.md', () => {
  it('are read, all of them', () => {
    const lines = page.split('\n').filter((line) => /^\| *\d+\.\d/.test(line))
    expect(lines.length).toBeGreaterThan(100)
    expect(readRequirements(page)).toHaveLength(lines.length)
  })

  it('name tests that are there', () => {
    expect(faultsOf(readRequirements(page), read)).toEqual([])
  })
})

describe('negative control', () => {
  const faultsOfRow = (row: string): string[] => faultsOf(readRequirements(row), read)
  const self = 'scripts/checks/security-page.test.ts'
  const other = 'scripts/checks/counts.test.ts'

  it.each([
    ['a file that is not there', '| 3.4.2 | 1 | x | yes | x | `backend/src/no-such.db.test.ts` C02 |', 'there is no backend/src'],
    ['a file that is no test', '| 3.4.2 | 1 | x | yes | x | `backend/src/app.ts` “app” |', 'is no test'],
    ['a case that the file lacks', `| 3.4.2 | 1 | x | yes | x | \`${other}\` Q99 |`, 'has no “Q99”'],
    ['words that the file lacks', `| 3.4.2 | 1 | x | yes | x | \`${other}\` “not here” |`, 'has no “not here”'],
    ['a file without saying which test', `| 3.4.2 | 1 | x | yes | x | \`${self}\` |`, 'which test'],
    ['a claim without a test', '| 3.4.2 | 1 | x | yes | x | trust us |', 'no test shows it'],
    ['a word that means nothing', '| 3.4.2 | 1 | x | mostly | x | |', 'says “mostly”'],
    ['an order that hides one', '| 3.4.2 | 1 | x | no | x | |\n| 3.4.2 | 1 | x | no | x | |', 'stands after 3.4.2'],
  ])('%s is found', (_what, rows, fault) => {
    expect(faultsOfRow(rows).join('\n')).toContain(fault)
  })

  it('a row that is right has no fault', () => {
    expect(faultsOfRow(`| 3.4.2 | 1 | x | yes | x | \`${self}\` “a row that is right has no fault” |`)).toEqual([])
    expect(faultsOfRow('| 3.4.2 | 1 | x | open | not built | |')).toEqual([])
  })
})
