import type { Stats } from '@kennwilliamson/contracts/incidents'

/** A moment in microseconds since 1970. */
export type Micros = number

/** An incident that was not undone. Ids tell two of the same time apart. */
export interface Happened {
  id: string
  at: Micros
}

/** A run that has ended. */
export interface Run {
  incidentId: string
  from: Micros
  to: Micros
}

/** The text of a moment, as the database and the contract write it. */
export function textOf(at: Micros): string {
  const seconds = Math.floor(at / 1_000_000)
  const fraction = String(at - seconds * 1_000_000).padStart(6, '0')
  const text = fraction.replace(/0+$/, '')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${text === '' ? '' : `.${text}`}Z`
}

/** The moment of a text. */
export function momentOf(text: string): Micros {
  const [whole = '', fraction = ''] = text.replace('Z', '').split('.')
  return Date.parse(`${whole}Z`) * 1000 + Number(fraction.padEnd(6, '0'))
}

/** "A run is the time between two neighbouring incidents (and from `started_at` to the first one, where it lies before)." */
export function completedRuns(startedAt: Micros, incidents: Happened[]): Run[] {
  const inOrder = incidents.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const runs: Run[] = []
  for (const [index, incident] of inOrder.entries()) {
    const before = inOrder[index - 1]
    if (before) runs.push({ incidentId: incident.id, from: before.at, to: incident.at })
    else if (startedAt < incident.at) runs.push({ incidentId: incident.id, from: startedAt, to: incident.at })
  }
  return runs
}

/**
 * The figures of a timer by the words of the design, slowly and without a database: what the statistics are compared with. Days are
 * counted one by one with Temporal.
 */
export function statsByTheWords(startedAt: Micros, incidents: Happened[], now: Micros, zone: string): Stats {
  const runs = completedRuns(startedAt, incidents)
  const current = now - (incidents.length === 0 ? startedAt : Math.max(...incidents.map(({ at }) => at)))
  const lengths = [...runs.map(({ from, to }) => to - from), current]
  const longest = Math.max(...lengths)
  const whole = (microseconds: number) => Math.floor(microseconds / 1_000_000)
  const sum = runs.reduce((total, { from, to }) => total + (to - from), 0)

  const dayOf = (at: Micros) =>
    Temporal.Instant.fromEpochMilliseconds(Math.floor(at / 1000))
      .toZonedDateTimeISO(zone)
      .toPlainDate()
      .toString()
  const busy = new Set(incidents.map(({ at }) => dayOf(at)))
  const began = dayOf(Math.min(startedAt, ...incidents.map(({ at }) => at)))
  const today = Temporal.PlainDate.from(dayOf(now))
  const freeAmong = (days: number) =>
    Array.from({ length: days }, (_, ago) => today.subtract({ days: ago }).toString()).filter(
      (day) => day >= began && !busy.has(day),
    ).length
  return {
    current_run_seconds: whole(current),
    record_seconds: whole(longest),
    record_is_current: lengths.indexOf(longest) === runs.length,
    completed_runs: runs.length,
    average_run_seconds: runs.length === 0 ? null : Math.floor(sum / runs.length / 1_000_000),
    incident_free_days: { d30: freeAmong(30), d90: freeAmong(90), d365: freeAmong(365) },
  }
}
