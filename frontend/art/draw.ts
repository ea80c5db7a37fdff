import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import subsetFont from 'subset-font'
import { drawWheel, train, trainStyles } from './gears.ts'
import { drawLandscape } from './landscape.ts'

const ASSETS = path.join(import.meta.dirname, '../app/assets')
const { resolve } = createRequire(import.meta.url)

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
