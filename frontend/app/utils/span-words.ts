const DAY = 86_400

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}

/** A length of time in words, rounded down: `412 days`, `1 day 6 hours`, `5 hours 12 minutes`, `40 seconds`. Days have 24 hours here. */
export function spanWords(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / DAY),
    Math.floor((seconds % DAY) / 3600),
    Math.floor((seconds % 3600) / 60),
  ]
  if (days >= 7) return count(days, 'day')
  if (days > 0) return hours > 0 ? `${count(days, 'day')} ${count(hours, 'hour')}` : count(days, 'day')
  if (hours > 0) return minutes > 0 ? `${count(hours, 'hour')} ${count(minutes, 'minute')}` : count(hours, 'hour')
  return minutes > 0 ? count(minutes, 'minute') : count(Math.max(0, Math.floor(seconds)), 'second')
}
