const DAY = 86_400_000

/** When the clock last showed `at` (HH:MM, UTC), at or before `now`. Milliseconds since 1970, as `now`. */
export function lastDue(at: string, now: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const today = Math.floor(now / DAY) * DAY + hours * 3_600_000 + minutes * 60_000
  return today <= now ? today : today - DAY
}
