import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { Resvg } from '@resvg/resvg-js'

// Draws SVG as PNG, in a process of its own, which has no secrets and no connections: cards.ts starts it with --expose-gc. A picture
// takes 3 MB outside of the heap, of which the collector knows nothing; without being told to it let 80 MB of them pile up.

// Where memory runs out, it is this one that goes, and not the API.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {
  // Another system, or one that does not let us.
}

const { resolve } = createRequire(import.meta.url)

/** The fonts of the site, and one with many scripts for what they do not have. */
const fontFiles = [
  '@expo-google-fonts/sorts-mill-goudy/400Regular/SortsMillGoudy_400Regular.ttf',
  '@expo-google-fonts/old-standard-tt/OldStandardTT_700Bold.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
].map((file) => resolve(file))

function draw(svg: string): Buffer {
  return new Resvg(svg, { font: { fontFiles, defaultFontFamily: 'DejaVu Sans', loadSystemFonts: false } }).render().asPng()
}

process.on('message', (svg: string) => {
  process.send?.(draw(svg))
  void setImmediate().then(() => globalThis.gc?.())
})
// Whoever started it is gone, however that came.
process.on('disconnect', () => process.exit())
