import { elapsedParts, elapsedRoughly } from '@kennwilliamson/contracts/elapsed'
import type { BADGE_COLORS } from '@kennwilliamson/contracts/sharing'
import { escapeXml, shorten, textWidth } from './drawn-text.ts'

/** What a badge says, and in which colour: a name of ours, or hexadecimal digits. */
export interface Badge {
  label: string
  value: string
  color?: string | undefined
}

const NAMED: Record<(typeof BADGE_COLORS)[number], string> = {
  brass: '#8a6414',
  blue: '#1f5f9e',
  green: '#2d6e33',
  red: '#a3312b',
  grey: '#5c5f63',
}
const WOOD = '#3b1d16'
const HEIGHT = 20
const PADDING = 7
const FONT_SIZE = 11
/** Characters of a label, as a reader counts them. */
const LABEL_AT_MOST = 40

/** What is answered where there is nothing to see, whatever the reason. */
export const NO_BADGE = drawBadge({ label: 'timer', value: 'not found', color: 'grey' })

/** How long it has been, in one unit of the owner's calendar. Times are RFC 3339. */
export function badgeValue({ since, server_time, time_zone }: { since: string; server_time: string; time_zone: string }): string {
  return elapsedRoughly(elapsedParts(Date.parse(since), Date.parse(server_time), time_zone))
}

/**
 * A badge as SVG 1.1. Everything is said by presentation attributes, so that the strictest policy has nothing to refuse; text is
 * escaped, cannot leave its box (`textLength`), and cannot turn the direction of the other one.
 */
export function drawBadge({ label, value, color = 'brass' }: Badge): string {
  const fill = color in NAMED ? NAMED[color as keyof typeof NAMED] : `#${color}`
  const left = shorten(label, LABEL_AT_MOST)
  const [leftWidth, rightWidth] = [textWidth(left), textWidth(value)]
  const [leftBox, rightBox] = [leftWidth + 2 * PADDING, rightWidth + 2 * PADDING]
  const width = leftBox + rightBox
  const said = escapeXml(`${left}: ${value}`)
  const words = (content: string, x: number, long: number, ink: string) =>
    `<text x="${x}" y="14" textLength="${long}" lengthAdjust="spacingAndGlyphs" fill="${ink}" unicode-bidi="isolate">${escapeXml(content)}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${said}">`,
    `<title>${said}</title>`,
    `<rect width="${width}" height="${HEIGHT}" rx="3" fill="${WOOD}"/>`,
    `<path d="M${leftBox} 0h${rightBox - 3}a3 3 0 0 1 3 3v${HEIGHT - 6}a3 3 0 0 1-3 3h-${rightBox - 3}z" fill="${fill}"/>`,
    `<g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="${FONT_SIZE}" text-anchor="middle">`,
    words(left, leftBox / 2, leftWidth, '#fff'),
    words(value, leftBox + rightBox / 2, rightWidth, inkOn(fill)),
    `</g></svg>\n`,
  ].join('')
}

/** Black or white, whichever contrasts more (WCAG 2.2, relative luminance). */
function inkOn(fill: string): string {
  const digits = fill.slice(1)
  const full = digits.length === 3 ? Array.from(digits, (digit) => digit + digit).join('') : digits
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const channel = parseInt(full.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff'
}
