import type { Charts } from '@kennwilliamson/contracts/incidents'
import { grouped } from './grouped'

/** A bar of the chart of runs, in units of the drawing. */
export interface RunBar {
  /** When the run began, RFC 3339. */
  from: string
  seconds: number
  kind: 'run' | 'record' | 'current'
  x: number
  y: number
  height: number
}

/** The whole chart: bars, and the lines that they are read by. */
export interface RunChart {
  bars: RunBar[]
  width: number
  bar: number
  lines: { y: number; label: string }[]
  unit: 'days' | 'hours' | 'minutes'
}

/** Where the ground line lies, and how high the highest bar may be. */
export const GROUND = 160
const TALLEST = 132
const LEFT = 44
const SIZES = { days: 86_400, hours: 3_600, minutes: 60 } as const

/** A round step (1, 2 or 5 times a power of ten) that divides a scale into at most four. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 4))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => most / candidate <= 4)
  return Math.max(1, step ?? 1)
}

/** The chart of these completed runs, oldest first, and of the current one, in the unit that the longest is best read in. */
export function runChart(runs: Charts['runs'], current: { from: string; seconds: number }): RunChart {
  const longest = Math.max(current.seconds, ...runs.map(({ seconds }) => seconds), 1)
  const unit = longest >= 3 * SIZES.days ? 'days' : longest >= 3 * SIZES.hours ? 'hours' : 'minutes'
  const all = [...runs, current]
  const gap = Math.max(18, Math.min(112, 900 / all.length))
  const bar = Math.min(44, Math.round(gap * 0.62))
  // Of two that are equally long the earlier one is the record.
  const record = all.findIndex(({ seconds }) => seconds === longest)
  const heightOf = (seconds: number) => Math.round((Math.max(0, seconds) / longest) * TALLEST * 10) / 10
  const bars = all.map(({ from, seconds }, index): RunBar => {
    const height = Math.max(1, heightOf(seconds))
    const kind = index === all.length - 1 ? 'current' : index === record ? 'record' : 'run'
    return { from, seconds, kind, x: LEFT + Math.round(index * gap), y: GROUND - height, height }
  })
  const most = longest / SIZES[unit]
  const step = stepOf(most)
  const lines = Array.from({ length: Math.floor(most / step) }, (_, index) => (index + 1) * step).map((value) => ({
    y: GROUND - heightOf(value * SIZES[unit]),
    label: grouped(value),
  }))
  return { bars, width: Math.max(480, LEFT + Math.round((all.length - 1) * gap) + bar), bar, lines, unit }
}

/** A length in a unit of the chart, rounded down. */
export function inUnit(seconds: number, unit: RunChart['unit']): string {
  return grouped(Math.floor(Math.max(0, seconds) / SIZES[unit]))
}
