import { describe, expect, it } from 'vitest'
import { staleDrawings } from './draw.ts'
import { outline, train, type Wheel } from './gears.ts'

type Point = readonly [number, number]

function inside([x, y]: Point, shape: Point[]): boolean {
  let is = false
  for (let i = 0, j = shape.length - 1; i < shape.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [shape[i] ?? [0, 0], shape[j] ?? [0, 0]]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) is = !is
  }
  return is
}
function distance([x, y]: Point, shape: Point[]): number {
  return Math.min(
    ...shape.map(([bx, by], i) => {
      const [ax, ay] = shape[(i + shape.length - 1) % shape.length] ?? [0, 0]
      const [dx, dy] = [bx - ax, by - ay]
      const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)))
      return Math.hypot(x - ax - t * dx, y - ay - t * dy)
    }),
  )
}
/** A wheel's outline where it is, so many seconds after the drawing. */
function placed(wheel: Wheel, seconds: number): Point[] {
  const turn = wheel.phase + (wheel.turn * Math.PI * seconds) / 180
  return outline(wheel.teeth).map(([x, y]): Point => [
    wheel.x + x * Math.cos(turn) - y * Math.sin(turn),
    wheel.y + x * Math.sin(turn) + y * Math.cos(turn),
  ])
}
/** How deep two that mesh go into one another and how far they part, in modules, while one tooth passes. */
function walk(a: Wheel, b: Wheel): { overlap: number; gap: number } {
  let [overlap, gap] = [0, 0]
  const near = (points: Point[], other: Wheel) =>
    points.filter(([x, y]) => Math.hypot(x - other.x, y - other.y) < other.teeth / 2 + 1.5)
  for (let step = 0; step < 20; step++) {
    const [left, right] = [placed(a, step / 20), placed(b, step / 20)]
    let least = Infinity
    for (const [points, shape] of [
      [near(left, b), right],
      [near(right, a), left],
    ] as const)
      for (const point of points) {
        const far = distance(point, shape)
        least = Math.min(least, far)
        if (inside(point, shape)) overlap = Math.max(overlap, far)
      }
    gap = Math.max(gap, least)
  }
  return { overlap, gap }
}

describe('the gear train', () => {
  const { wheels, meshes } = train()

  it.each(meshes.map(([a, b]) => [`${a.name} and ${b.name}`, a, b] as const))('%s roll on one another', (_name, a, b) => {
    expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeCloseTo((a.teeth + b.teeth) / 2)
    expect(Math.abs(a.turn * a.teeth)).toBeCloseTo(Math.abs(b.turn * b.teeth))
    expect(Math.sign(a.turn)).toBe(-Math.sign(b.turn))
    const { overlap, gap } = walk(a, b)
    expect(overlap).toBeLessThan(0.02)
    expect(gap).toBeLessThan(0.1)
  })

  it('would be seen to jam: the control', () => {
    const [a, b] = meshes[0] ?? []
    if (!a || !b) throw new Error('there is no train')
    expect(walk(a, { ...b, phase: b.phase + Math.PI / b.teeth }).overlap).toBeGreaterThan(0.2)
  })

  it('turns its first wheel once a minute, and every other by a tooth a second', () => {
    expect(wheels[0]).toMatchObject({ name: 'seconds', turn: 6 })
    for (const { name, teeth, turn } of wheels.filter((one) => one.name !== 'pinion' && one.name !== 'slow'))
      expect([name, Math.abs(turn)]).toEqual([name, expect.closeTo(360 / teeth)])
  })

  it('is drawn as it is computed: otherwise “node frontend/art/draw.ts” draws it anew', async () => {
    expect(await staleDrawings()).toEqual([])
  })
})
