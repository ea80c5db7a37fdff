const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** A length of time in its largest unit, rounded down, for a narrow column: `108 d`, `6 h`. Days have 24 hours here. */
export function shortSpan(milliseconds: number): string {
  const [size, unit] = UNITS.find(([size]) => milliseconds >= size) ?? [1000, 's']
  return `${Math.floor(Math.max(0, milliseconds) / size)} ${unit}`
}
