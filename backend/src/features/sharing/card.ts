import { elapsedParts, PART_NAMES, type ElapsedParts } from '@kennwilliamson/contracts/elapsed'
import { escapeXml, shorten, textWidth } from './drawn-text.ts'

/** All that a card shows: what is equal here looks equal. */
export interface CardContent {
  title: string
  owner: string
  parts: ElapsedParts
}

/** What a card shows of a view; by the minute, since it may be that old. */
export function cardContent(view: {
  title: string
  user_display_name: string
  since: string
  server_time: string
  time_zone: string
}): CardContent {
  const parts = elapsedParts(Date.parse(view.since), Date.parse(view.server_time), view.time_zone)
  return { title: view.title, owner: view.user_display_name, parts: { ...parts, seconds: 0 } }
}

const TITLE_WIDTH = 880
const TITLE_SIZES = [58, 48, 40, 34]
/** What our estimate, which is made for Verdana, says too much of the card's serif. */
const SERIF = 0.86
/** The families stand in the order in which they are looked through for a character. */
const SERIF_FONTS = 'Sorts Mill Goudy, DejaVu Sans'

/** A card as SVG, 1200 by 630: mahogany, a brass frame, the title on enamel, the count on split flaps. */
export function drawCard({ title, owner, parts }: CardContent): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">',
    DEFINITIONS,
    '<rect width="1200" height="630" fill="url(#wood)"/>',
    GRAIN,
    '<rect x="26" y="26" width="1148" height="578" rx="14" fill="none" stroke="url(#brass)" stroke-width="14"/>',
    '<rect x="40" y="40" width="1120" height="550" rx="8" fill="none" stroke="#2a1208" stroke-opacity="0.7" stroke-width="3"/>',
    drawTitle(title),
    drawClock(parts),
    `<text x="600" y="553" font-family="${SERIF_FONTS}" font-size="32" fill="#efdcb6" text-anchor="middle">${escapeXml(shorten(owner, 50))}</text>`,
    '</svg>',
  ].join('')
}

const DEFINITIONS = `<defs>
<linearGradient id="wood" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#6d2c1b"/><stop offset="0.5" stop-color="#4c1c12"/><stop offset="1" stop-color="#2e100b"/></linearGradient>
<linearGradient id="brass" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f7e7ad"/><stop offset="0.3" stop-color="#c99a3f"/><stop offset="0.6" stop-color="#8c6222"/><stop offset="0.85" stop-color="#d9b364"/><stop offset="1" stop-color="#7a531c"/></linearGradient>
<linearGradient id="enamel" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#203a78"/><stop offset="0.6" stop-color="#182d62"/><stop offset="1" stop-color="#101f47"/></linearGradient>
<linearGradient id="upper" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fbf4e2"/><stop offset="1" stop-color="#e3d7bd"/></linearGradient>
<linearGradient id="lower" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#cdbf9f"/><stop offset="0.15" stop-color="#ddd0b2"/><stop offset="1" stop-color="#d2c4a3"/></linearGradient>
</defs>`

/** Fine lines along the wood, the same on every card. */
const GRAIN = Array.from({ length: 26 }, (_, line) => {
  const y = 12 + line * 24
  const bend = 10 + ((line * 37) % 23)
  return `<path d="M0 ${y}c300 ${bend} 500 ${-bend} 1200 ${bend / 2}" fill="none" stroke="#1d0805" stroke-opacity="${0.1 + (line % 4) * 0.05}" stroke-width="${1 + (line % 3)}"/>`
}).join('')

function drawTitle(title: string): string {
  const { lines, size } = layOut(title)
  const height = lines.length * size * 1.15 + 48
  const top = 165 - height / 2
  const texts = lines.map((line, index) => {
    const y = top + 24 + size * (0.86 + index * 1.15)
    return `<text x="600" y="${y}" font-family="${SERIF_FONTS}" font-size="${size}" fill="#f0d894" text-anchor="middle">${escapeXml(line)}</text>`
  })
  return `<rect x="120" y="${top}" width="960" height="${height}" rx="12" fill="url(#enamel)" stroke="url(#brass)" stroke-width="6"/>${texts.join('')}`
}

/** The largest size at which a title has room in one line or two; what has none even so is shortened. */
function layOut(title: string): { lines: string[]; size: number } {
  for (const size of TITLE_SIZES) {
    const lines = breakLines(title, size)
    if (lines.length <= (size === TITLE_SIZES[0] ? 1 : 2)) return { lines, size }
  }
  const size = TITLE_SIZES.at(-1) ?? 34
  const [first = '', ...rest] = breakLines(title, size)
  let second = rest.join(' ')
  for (let kept = Array.from(second).length; widthAt(second, size) > TITLE_WIDTH && kept > 1; kept--)
    second = shorten(rest.join(' '), kept)
  return { lines: [first, second], size }
}

function widthAt(text: string, size: number): number {
  return (textWidth(text) / 11) * size * SERIF
}

/** Between words; a word that is longer than a line, or in a script without spaces, where the line ends. */
function breakLines(title: string, size: number): string[] {
  const lines: string[] = []
  let line = ''
  const pieces = [...new Intl.Segmenter('en', { granularity: 'word' }).segment(title)].flatMap(({ segment }) =>
    widthAt(segment, size) <= TITLE_WIDTH ? [segment] : [...new Intl.Segmenter('en').segment(segment)].map((one) => one.segment),
  )
  for (const piece of pieces) {
    if (line !== '' && widthAt(line + piece, size) > TITLE_WIDTH) {
      lines.push(line.trim())
      line = ''
    }
    line += piece
  }
  lines.push(line.trim())
  return lines.filter((one) => one !== '')
}

interface Flaps {
  digits: string
  unit: string
}

/** Without zeros on the left; minutes always. */
function flapsOf(parts: ElapsedParts): Flaps[] {
  const names = PART_NAMES.filter((name) => name !== 'seconds')
  const first = names.findIndex((name) => parts[name] > 0)
  return names.slice(first < 0 ? -1 : first).map((name, index) => ({
    digits: index === 0 ? String(parts[name]) : String(parts[name]).padStart(2, '0'),
    unit: parts[name] === 1 ? name.slice(0, -1) : name,
  }))
}

function drawClock(parts: ElapsedParts): string {
  const groups = flapsOf(parts)
  const cards = groups.reduce((sum, { digits }) => sum + digits.length, 0)
  // In widths of a flap: 0.08 between two, 0.42 between groups.
  const whole = cards * 1.08 - groups.length * 0.08 + (groups.length - 1) * 0.42
  const w = Math.min(118, 1040 / whole)
  const h = w * 1.5
  const y = 372 - h / 2
  let x = 600 - (whole * w) / 2
  const drawn: string[] = []
  for (const { digits, unit } of groups) {
    const wide = digits.length * w * 1.08 - w * 0.08
    drawn.push(...Array.from(digits, (digit, index) => drawFlap(digit, { x: x + index * w * 1.08, y, w, h })))
    drawn.push(
      `<text x="${x + wide / 2}" y="${y + h + 34}" font-family="${SERIF_FONTS}" font-size="26" fill="#e8cf9a" text-anchor="middle">${unit}</text>`,
    )
    x += wide + w * 0.42
  }
  return drawn.join('')
}

function drawFlap(digit: string, { x, y, w, h }: { x: number; y: number; w: number; h: number }): string {
  const r = w * 0.075
  return [
    `<rect x="${x - 2}" y="${y - 2}" width="${w + 4}" height="${h + 8}" rx="${r}" fill="#140805" fill-opacity="0.75"/>`,
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="url(#lower)"/>`,
    `<path d="M${x} ${y + h / 2}v${-h / 2 + r}a${r} ${r} 0 0 1 ${r} ${-r}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h / 2 - r}z" fill="url(#upper)"/>`,
    `<text x="${x + w / 2}" y="${y + h / 2 + w * 0.47}" font-family="Old Standard TT" font-weight="700" font-size="${w * 1.36}" fill="#2b2118" text-anchor="middle">${digit}</text>`,
    `<rect x="${x}" y="${y + h / 2 - w * 0.012}" width="${w}" height="${w * 0.024}" fill="#1a120c"/>`,
    ...[x - w * 0.02, x + w - w * 0.045].map(
      (at) => `<rect x="${at}" y="${y + h / 2 - h * 0.06}" width="${w * 0.065}" height="${h * 0.12}" rx="2" fill="url(#brass)"/>`,
    ),
  ].join('')
}
