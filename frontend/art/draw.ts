import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import subsetFont from 'subset-font'
import { drawWheel, train, trainStyles } from './gears.ts'
import { drawLandscape } from './landscape.ts'

const ASSETS = path.join(import.meta.dirname, '../app/assets')
const { resolve } = createRequire(import.meta.url)

/** As in a style sheet's `unicode-range`: the letters of English text and of the site's own words, and those that the rest of a Latin font has: other languages, rarer signs. */
export const RANGES = {
  plain: 'U+20-7E, U+A0, U+B7, U+D7, U+2013-2014, U+2018-2019, U+201C-201D, U+2026',
  more: 'U+A1-B6, U+B8-D6, U+D8-FF, U+131, U+152-153, U+2BB-2BC, U+2C6, U+2DA, U+2DC, U+304, U+308, U+329, U+2000-2012, U+2015-2017, U+201A-201B, U+201E-2025, U+2027-206F, U+20AC, U+2122, U+2190-2193, U+2212, U+2215, U+FEFF, U+FFFD',
}

/** The characters of a `unicode-range`. */
export function charactersOf(range: string): string {
  return range
    .split(', ')
    .flatMap((part) => {
      const [first = 0, last = first] = part
        .slice(2)
        .split('-')
        .map((hex) => Number.parseInt(hex, 16))
      return Array.from({ length: last - first + 1 }, (_, n) => String.fromCodePoint(first + n))
    })
    .join('')
}

/**
 * The fonts of text, by the name of their file, and what of their axis the site uses. Each is cut in two by what a page needs: most need
 * the plain half alone.
 */
const TEXT = [
  [
    'hanken-grotesk',
    '@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2',
    { wght: { min: 400, max: 700 } },
  ],
  ['sorts-mill-goudy', '@fontsource/sorts-mill-goudy/files/sorts-mill-goudy-latin-400-normal.woff2', undefined],
  ['sorts-mill-goudy-italic', '@fontsource/sorts-mill-goudy/files/sorts-mill-goudy-latin-400-italic.woff2', undefined],
] as const

async function textFonts(): Promise<Record<string, Buffer>> {
  const fonts = TEXT.flatMap(([name, file, variationAxes]) =>
    Object.entries(RANGES).map(async ([part, range]) => {
      const options = { targetFormat: 'woff2' as const, ...(variationAxes && { variationAxes }) }
      return [
        `fonts/${name}-${part}.woff2`,
        await subsetFont(await readFile(resolve(file)), charactersOf(range), options),
      ] as const
    }),
  )
  return Object.fromEntries(await Promise.all(fonts))
}

/** The flaps show digits alone, so the rest of their font need not be sent to anybody. */
async function digitsFont(): Promise<Buffer> {
  const whole = await readFile(resolve('@fontsource/old-standard-tt/files/old-standard-tt-latin-700-normal.woff2'))
  return await subsetFont(whole, '0123456789:', { targetFormat: 'woff2' })
}

/** Every file below `app/assets` that is computed rather than drawn by hand, by its path there. */
async function drawings(): Promise<Record<string, Buffer>> {
  const wheels = train().wheels.map((wheel) => [`art/wheel-${wheel.teeth}-${wheel.metal}.svg`, drawWheel(wheel)] as const)
  const texts = [...wheels, ['art/train.css', trainStyles()] as const, ['art/landscape.svg', drawLandscape()] as const]
  return {
    ...Object.fromEntries(texts.map(([name, text]) => [name, Buffer.from(text)])),
    ...(await textFonts()),
    'fonts/old-standard-tt-digits.woff2': await digitsFont(),
  }
}

/** Names of those that are not as they would be drawn now. */
export async function staleDrawings(): Promise<string[]> {
  const stale: string[] = []
  for (const [name, content] of Object.entries(await drawings())) {
    const there = await readFile(path.join(ASSETS, name)).catch(() => null)
    if (!there?.equals(content)) stale.push(name)
  }
  return stale
}

if (process.argv[1] === import.meta.filename)
  for (const [name, content] of Object.entries(await drawings())) await writeFile(path.join(ASSETS, name), content)
