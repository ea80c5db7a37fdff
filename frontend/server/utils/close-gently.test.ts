import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** The code of a file, without the comment that differs. */
const codeOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8').replace(/^\/\/ .*\n\n?/gm, '')

it('is what the API has, whose tests try it: neither folder may import from the other', () => {
  expect(codeOf('./close-gently.ts')).toBe(codeOf('../../../backend/src/platform/close-gently.ts'))
  expect(codeOf('./close-gently.ts')).toContain('export async function closeGently')
})
