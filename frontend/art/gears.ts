/*
 * The gear train behind the clock. Lengths are in modules (a wheel's pitch diameter is its number of teeth), angles in radians, y down.
 * Involute teeth with a pressure angle of 20°, as cut wheels have them, so that two that mesh roll on one another without overlapping.
 */

/** One wheel where it sits. */
export interface Wheel {
  name: string
  teeth: number
  x: number
  y: number
  /** Where the middle of one tooth is. */
  phase: number
  /** Degrees it turns a second: one tooth. */
  turn: number
  /** Of its spokes, for a wheel that is large enough to have any. */
  arms: number
  metal: 'brass' | 'bronze' | 'steel'
}

type Point = readonly [x: number, y: number]

const PRESSURE = (20 * Math.PI) / 180
const ADDENDUM = 1
const DEDENDUM = 1.2
/** What a tooth is narrower than its gap, on the pitch circle, in modules. */
const BACKLASH = 0.05
/** From so many teeth on a wheel has spokes, from so many holes; below that it is solid. */
const SPOKED = 26
const PIERCED = 18

export const outerRadius = (teeth: number): number => teeth / 2 + ADDENDUM
export const rootRadius = (teeth: number): number => teeth / 2 - DEDENDUM
/** Where the rim ends and the spokes begin; null for a wheel without. */
export const rimRadius = (teeth: number): number | null =>
  teeth < SPOKED ? null : rootRadius(teeth) - Math.max(1.7, teeth * 0.045)

/** The flank of a tooth, from its foot to its tip: radius, and half the angle that the tooth has there. */
function flank(teeth: number, steps: number): { radius: number; half: number }[] {
  const base = (teeth / 2) * Math.cos(PRESSURE)
  const involute = (angle: number) => Math.tan(angle) - angle
  const halfAt = (radius: number) => {
    const angle = radius > base ? Math.acos(base / radius) : 0
    return (Math.PI / 2 - BACKLASH) / teeth + involute(PRESSURE) - involute(angle)
  }
  const root = rootRadius(teeth)
  const begin = Math.max(base, root)
  const curve = Array.from({ length: steps + 1 }, (_, k) => begin + ((outerRadius(teeth) - begin) * k) / steps)
  // Below the base circle there is no involute: the flank goes straight in.
  const foot = root < base ? [{ radius: root, half: halfAt(base) }] : []
  return [...foot, ...curve.map((radius) => ({ radius, half: Math.max(halfAt(radius), 0.02 / teeth) }))]
}

const at = (radius: number, angle: number): Point => [radius * Math.cos(angle), radius * Math.sin(angle)]

/** The outline of one tooth whose middle is at `angle`. */
function tooth(teeth: number, angle: number, steps: number): Point[] {
  const side = flank(teeth, steps)
  return [
    ...side.map(({ radius, half }) => at(radius, angle - half)),
    ...side.toReversed().map(({ radius, half }) => at(radius, angle + half)),
  ]
}

/** The outline of a whole wheel, its first tooth at angle 0. */
export function outline(teeth: number, steps = 8): Point[] {
  return Array.from({ length: teeth }, (_, n) => tooth(teeth, (n * 2 * Math.PI) / teeth, steps)).flat()
}

/** A wheel that meshes with `on`, in that direction from it, in degrees. */
function mesh(
  on: Wheel,
  { teeth, direction, ...rest }: Pick<Wheel, 'name' | 'teeth' | 'metal'> & { direction: number; arms?: number },
): Wheel {
  const angle = (direction * Math.PI) / 180
  const distance = (on.teeth + teeth) / 2
  // How far between two of its teeth the line of centres passes; there the other has a gap.
  const between = (angle - on.phase) / ((2 * Math.PI) / on.teeth)
  return {
    arms: 5,
    ...rest,
    teeth,
    x: on.x + distance * Math.cos(angle),
    y: on.y + distance * Math.sin(angle),
    phase: angle + Math.PI - (0.5 - between) * ((2 * Math.PI) / teeth),
    turn: (-on.turn * on.teeth) / teeth,
  }
}

/** The wheels behind the clock, and which of them mesh. The first one turns once a minute. */
export function train(): { wheels: Wheel[]; meshes: [Wheel, Wheel][] } {
  const seconds: Wheel = {
    name: 'seconds',
    teeth: 60,
    x: -58,
    y: 13,
    phase: 0.02,
    turn: 6,
    arms: 6,
    metal: 'brass',
  }
  const west = mesh(seconds, { name: 'west', teeth: 20, direction: 200, metal: 'steel' })
  const outer = mesh(west, { name: 'outer', teeth: 36, direction: 158, metal: 'bronze' })
  const second = mesh(seconds, { name: 'second', teeth: 24, direction: -38, metal: 'steel' })
  const third = mesh(second, { name: 'third', teeth: 40, direction: 22, metal: 'brass' })
  const fourth = mesh(third, { name: 'fourth', teeth: 20, direction: -30, metal: 'bronze' })
  const fifth = mesh(fourth, { name: 'fifth', teeth: 48, direction: 32, metal: 'brass', arms: 6 })
  const sixth = mesh(fifth, { name: 'sixth', teeth: 22, direction: -28, metal: 'steel' })
  const east = mesh(sixth, { name: 'east', teeth: 34, direction: 18, metal: 'bronze' })
  // On the arbor of the second wheel, before it, and what it drives.
  const pinion: Wheel = { ...second, name: 'pinion', teeth: 14, metal: 'brass' }
  const slow = mesh(pinion, { name: 'slow', teeth: 28, direction: -152, metal: 'bronze' })
  return {
    wheels: [seconds, west, outer, second, third, fourth, fifth, sixth, east, slow, pinion],
    meshes: [
      [seconds, west],
      [west, outer],
      [seconds, second],
      [second, third],
      [third, fourth],
      [fourth, fifth],
      [fifth, sixth],
      [sixth, east],
      [pinion, slow],
    ],
  }
}

const short = (value: number): string => String(Number(value.toFixed(2)))

/** Drawings are in whole twentieths of a module, a quarter of a pixel: short to write down, and finer than anybody sees. */
const FINE = 20
const fine = (value: number): number => Math.round(value * FINE)
const pair = ([x, y]: Point): string => `${fine(x)} ${fine(y)}`
const circle = (radius: number, [x, y]: Point = [0, 0]): string => {
  const r = fine(radius)
  return `M${fine(x) - r} ${fine(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}
/** A closed line through points, each written as the way from the one before. */
function closedLine(points: Point[]): string {
  const [first, ...rest] = points.map(([x, y]) => [fine(x), fine(y)] as const)
  if (!first) return ''
  let [x, y] = first
  const ways = rest.map(([nextX, nextY]) => {
    const way = `${nextX - x} ${nextY - y}`
    ;[x, y] = [nextX, nextY]
    return way
  })
  return `M${first.join(' ')}l${ways.join(' ')}z`.replaceAll(' -', '-')
}

/** The openings between the spokes, which have parallel sides. */
function openings(teeth: number, arms: number): string {
  const [rim, hub, half] = [rimRadius(teeth) ?? 0, Math.max(3.2, teeth * 0.115), Math.max(0.7, teeth * 0.021)]
  return Array.from({ length: arms }, (_, n) => {
    const [from, to] = [(n * 2 * Math.PI) / arms, ((n + 1) * 2 * Math.PI) / arms]
    const [a, b] = [Math.asin(half / rim), Math.asin(half / hub)]
    const [outer, inner] = [fine(rim), fine(hub)]
    return (
      `M${pair(at(rim, from + a))}A${outer} ${outer} 0 0 1 ${pair(at(rim, to - a))}` +
      `L${pair(at(hub, to - b))}A${inner} ${inner} 0 0 0 ${pair(at(hub, from + b))}z`
    )
  }).join('')
}
const holes = (teeth: number): string =>
  Array.from({ length: 5 }, (_, n) => circle(teeth * 0.062, at(teeth * 0.25, (n * 2 * Math.PI) / 5 + 0.6))).join('')

/** As wheels are drawn. The room's own light and dark come over them. */
const FILLS = { brass: 'oklch(.735 .108 84)', bronze: 'oklch(.6 .1 59)', steel: 'oklch(.72 .011 243)' } as const
/** Of the line around a wheel, which stands for its edge: as wide as it looks, so half of it lies within. */
const EDGE = { colour: 'oklch(.28 .05 62)', width: 0.22 }

/** A wheel as an SVG of one path: a browser works out each element of a picture before it shows the page. */
export function drawWheel({ teeth, arms, metal }: Pick<Wheel, 'teeth' | 'arms' | 'metal'>): string {
  const side = fine(outerRadius(teeth))
  const pierced = teeth >= SPOKED ? openings(teeth, arms) : teeth >= PIERCED ? holes(teeth) : ''
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-side} ${-side} ${2 * side} ${2 * side}">` +
    `<path fill="${FILLS[metal]}" stroke="${EDGE.colour}" stroke-width="${short(EDGE.width * FINE)}" fill-rule="evenodd" d="${closedLine(outline(teeth, 3))}${pierced}"/></svg>\n`
  )
}

/** How wide the plate is at most where a screen is narrow (560 px, 3.9 px a module), in modules. */
const NARROW = 144

/** Where each wheel of the train sits and how it turns, for `GearTrain.vue`. */
export function trainStyles(): string {
  const percent = (share: number) => `${short(share * 100)}%`
  const rules = train().wheels.map(({ name, teeth, x, y, phase, turn, metal }) => {
    const side = outerRadius(teeth)
    const rim = rimRadius(teeth)
    const places = [
      `--teeth: ${teeth}`,
      `--x: ${short(x)}`,
      `--y: ${short(y)}`,
      `--phase: ${short((phase * 180) / Math.PI)}deg`,
      `--turn: ${short(turn)}deg`,
      `--root: ${percent(rootRadius(teeth) / side)}`,
      `--rim: ${percent((rim ?? 0) / side)}`,
      `--face: url('~/assets/art/wheel-${teeth}-${metal}.svg')`,
    ]
    return `.wheel.${name} {\n${places.map((place) => `  ${place};\n`).join('')}}\n`
  })
  // On a phone the plate is so narrow that some are never seen, and need not be there.
  const unseen = train()
    .wheels.filter(({ teeth, x }) => Math.abs(x) - outerRadius(teeth) > NARROW / 2)
    .map(({ name }) => `.wheel.${name}`)
  const narrow = `@media (max-width: 560px) {\n  ${unseen.join(',\n  ')} {\n    display: none;\n  }\n}\n`
  return `/* Written by frontend/art/draw.ts. */\n${rules.join('')}${narrow}`
}
