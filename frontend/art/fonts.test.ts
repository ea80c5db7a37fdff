import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { charactersOf, RANGES } from './draw.ts'

const CSS = path.join(import.meta.dirname, '../app/assets/css/fonts.css')

describe('the fonts of text', () => {
  it('are asked for by the characters that their files have', async () => {
    const css = await readFile(CSS, 'utf8')
    const faces = css.split('@font-face').filter((face) => /-(?:plain|more)\.woff2/.test(face))
    expect(faces).toHaveLength(6)
    for (const face of faces) {
      const part = face.includes('-plain.woff2') ? 'plain' : 'more'
      const range = /unicode-range:([^;]+);/.exec(face)?.[1]?.replaceAll(/\s+/g, ' ').trim()
      expect(range).toBe(RANGES[part])
    }
  })

  it('share no character, and have every one of Latin-1 between them', () => {
    const [plain, more] = [charactersOf(RANGES.plain), charactersOf(RANGES.more)].map((text) => new Set(text))
    expect([...(plain ?? [])].filter((one) => more?.has(one))).toEqual([])
    for (let code = 0xa0; code <= 0xff; code++) {
      const one = String.fromCodePoint(code)
      expect([one, plain?.has(one) || more?.has(one)]).toEqual([one, true])
    }
  })
})
