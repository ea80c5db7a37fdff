import { placeOf } from './english-date'

/** The IANA time zones that this runtime offers, UTC among them. */
export function listTimeZones(): string[] {
  const zones = Intl.supportedValuesOf('timeZone')
  return zones.includes('UTC') ? zones : ['UTC', ...zones]
}

/** The zone of this browser, null where it does not say. */
export function ownTimeZone(): string | null {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || null
}

/** The zone that somebody means who types `Europe/London`, `europe/london`, `london` or `new york`; null when it is none, or several. */
export function findTimeZone(typed: string, zones: readonly string[] = listTimeZones()): string | null {
  const wanted = typed.trim().toLowerCase().replaceAll(' ', '_')
  if (wanted === '') return null
  const exact = zones.find((zone) => zone.toLowerCase() === wanted)
  if (exact) return exact
  const places = zones.filter((zone) => placeOf(zone).toLowerCase().replaceAll(' ', '_') === wanted)
  return places.length === 1 ? (places[0] ?? null) : null
}
