/** What stands behind a path, with its question mark: what is null is left out, and where nothing is left there is nothing. */
export function queryOf(values: Record<string, string | number | null>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== null) query.set(name, String(value))
  return query.size > 0 ? `?${query}` : ''
}
