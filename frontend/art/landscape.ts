/** The land of `/about`: ridges behind ridges in the mist, a low sun, a windmill on the last hill, water in a pattern of waves. */
const WIDTH = 1600
const HEIGHT = 560
const SHORE = 470

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Ridge {
  seed: number
  /** Where it lies on average, and how far it reaches above and below, in units of the drawing. */
  level: number
  reach: number
  /** How much of it is edges rather than swells, from 0 to 1. */
  sharp: number
}

/** From the farthest to the nearest. */
const RIDGES: Ridge[] = [
  { seed: 11, level: 250, reach: 95, sharp: 0.9 },
  { seed: 23, level: 300, reach: 80, sharp: 0.75 },
  { seed: 37, level: 352, reach: 62, sharp: 0.5 },
  { seed: 41, level: 404, reach: 44, sharp: 0.3 },
]

const round = (value: number) => Number(value.toFixed(1))

/** Heights of a ridge, halving its distances again and again; each turn adds less. */
export function heightsOf({ seed, level, reach, sharp }: Ridge): [number, number][] {
  const random = numbers(seed)
  let heights = [random(), random(), random(), random(), random()].map((value) => value - 0.5)
  let spread = 0.5
  for (let turn = 0; turn < 5; turn++) {
    heights = heights.flatMap((height, at) => {
      const next = heights[at + 1]
      return next === undefined ? [height] : [height, (height + next) / 2 + (random() - 0.5) * spread]
    })
    spread *= 0.36 + sharp * 0.22
  }
  return heights.map((height, at) => [round((at / (heights.length - 1)) * WIDTH), round(level - height * reach * 2)])
}

const lineOf = (points: [number, number][]) => points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('')

/** A pine in three strokes a side, standing at a point. */
function pine(x: number, y: number, size: number): string {
  const tiers = [0.34, 0.62, 0.92].map((down, at) => {
    const half = size * (0.16 + at * 0.09)
    const top = y - size * (1.05 - down + 0.3)
    return `M${round(x)} ${round(top)}L${round(x - half)} ${round(y - size * (1 - down))}H${round(x + half)}Z`
  })
  return `M${round(x)} ${round(y)}V${round(y - size)}${tiers.join('')}`
}

/** A wind pump: a tower of four legs, a wheel of blades, a tail. */
function windmill(x: number, y: number): string {
  const top = y - 92
  const blades = Array.from({ length: 14 }, (_, at) => {
    const turn = (at / 14) * 2 * Math.PI
    const spoke = (radius: number, aside: number) =>
      `${round(x + radius * Math.cos(turn + aside))} ${round(top + radius * Math.sin(turn + aside))}`
    return `M${spoke(7, -0.1)}L${spoke(21, -0.13)}L${spoke(21, 0.13)}L${spoke(7, 0.1)}Z`
  })
  const struts = [0.25, 0.5, 0.75].map((up) => `M${round(x - 15 * (1 - up))} ${round(y - 92 * up)}H${round(x + 15 * (1 - up))}`)
  return [
    `<path class="ink" d="M${x - 15} ${y}L${x - 2} ${top}M${x + 15} ${y}L${x + 2} ${top}M${x - 5} ${y}L${x} ${top}${struts.join('')}M${x} ${top}H${x + 38}"/>`,
    `<path class="solid" d="${blades.join('')}M${x + 30} ${top - 9}L${x + 48} ${top - 12}V${top + 12}L${x + 30} ${top + 9}Z"/>`,
  ].join('')
}

/** Posts and two rails along the last hill. */
function fence(points: [number, number][], from: number, to: number): string {
  const posts = points.filter(([x], at) => x >= from && x <= to && at % 2 === 0)
  const rail = (above: number) => lineOf(posts.map(([x, y]) => [x, round(y - above)]))
  return `<path class="ink" d="${posts.map(([x, y]) => `M${x} ${y + 2}V${round(y - 17)}`).join('')}${rail(13)}${rail(7)}"/>`
}

/** Waves as scales: rows of arches, each half an arch aside of the one behind it, and before it. */
function waves(): string {
  const radius = 34
  const rows = Array.from({ length: 5 }, (_, row) => {
    const y = SHORE + radius + row * radius * 0.5
    const aside = row % 2 === 0 ? 0 : radius
    const arches = (half: number) =>
      Array.from({ length: Math.ceil(WIDTH / (2 * radius)) + 1 }, (_, at) => {
        const x = at * 2 * radius - aside
        return `M${round(x - half)} ${round(y)}A${round(half)} ${round(half)} 0 0 1 ${round(x + half)} ${round(y)}`
      }).join('')
    return `<path class="scale" d="${arches(radius)}"/><path class="wave w${row}" d="${arches(radius)}${arches(radius * 0.7)}${arches(radius * 0.4)}"/>`
  })
  return rows.join('')
}

const STYLES = `:root{color-scheme:light dark;--far:light-dark(oklch(.86 .03 235),oklch(.33 .04 250));--mid:light-dark(oklch(.74 .045 232),oklch(.285 .042 252));--near:light-dark(oklch(.56 .05 215),oklch(.24 .035 250));--last:light-dark(oklch(.37 .04 190),oklch(.185 .025 240));--mist:light-dark(oklch(.983 .005 235),oklch(.185 .018 252));--ink:light-dark(oklch(.27 .035 220),oklch(.11 .015 250));--gilt:light-dark(oklch(.7 .105 84),oklch(.72 .1 86))}
.sun{fill:light-dark(oklch(.64 .17 33),oklch(.86 .06 88))}.halo{fill:none;stroke:var(--gilt);stroke-width:1.2}
.r0{fill:url(#m0)}.r1{fill:url(#m1)}.r2{fill:url(#m2)}.r3{fill:var(--last)}
.edge{fill:none;stroke:var(--ink);stroke-opacity:.28;stroke-width:1.4;stroke-linejoin:round}
.ink{fill:none;stroke:var(--ink);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.solid{fill:var(--ink)}
.water,.scale{fill:light-dark(oklch(.93 .025 235),oklch(.215 .035 250))}.wave{fill:none;stroke:light-dark(oklch(.6 .085 243),oklch(.5 .07 240));stroke-width:1.1}
.w0{opacity:.2}.w1{opacity:.32}.w2{opacity:.46}.w3{opacity:.6}.w4{opacity:.75}`

/** The drawing as a file of its own; it goes by the colours of the page around it, light or dark. */
export function drawLandscape(): string {
  const lines = RIDGES.map(heightsOf)
  const ridges = lines.map((points, at) => {
    const line = lineOf(points)
    return `<path class="r${at}" d="${line}V${SHORE + 8}H0Z"/>${at < 3 ? `<path class="edge" d="${line}"/>` : ''}`
  })
  const last = lines.at(-1) ?? []
  const heightAt = (x: number) => last.find(([there]) => there >= x)?.[1] ?? SHORE
  const random = numbers(5)
  const pines = Array.from({ length: 26 }, (_, at) => {
    const x = at < 17 ? 40 + at * 21 + random() * 16 : 1150 + (at - 17) * 46 + random() * 30
    return pine(x, heightAt(x) + 5, 34 + random() * 34)
  })
  const mist = ['far', 'mid', 'near'].map(
    (name, at) =>
      `<linearGradient id="m${at}" x1="0" y1="0" x2="0" y2="1"><stop stop-color="var(--${name})"/><stop offset=".85" stop-color="var(--mist)"/></linearGradient>`,
  )
  const birds = [
    [1342, 96],
    [1380, 82],
    [1412, 104],
  ].map(([x = 0, y = 0]) => `M${x - 13} ${y - 4}q7 -4 13 4q6 -8 13 -4`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}"><style>${STYLES}</style><defs>${mist.join('')}</defs>`,
    '<circle class="sun" cx="1180" cy="150" r="74"/><circle class="halo" cx="1180" cy="150" r="88"/>',
    `<path class="ink" d="${birds.join('')}"/>`,
    ridges.join('\n'),
    `<path class="solid" d="${pines.join('')}"/>`,
    windmill(760, heightAt(760) + 4),
    fence(last, 560, 1090),
    `<path class="water" d="M0 ${SHORE}H${WIDTH}V${HEIGHT}H0Z"/>`,
    waves(),
    '</svg>\n',
  ].join('\n')
}
