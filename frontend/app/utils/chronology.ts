/** An instant as the API writes it, with as many digits as it can have: equal instants are equal texts, and later ones greater. */
function sortable(iso: string): string {
  const [whole = '', fraction = ''] = iso.replace('Z', '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

/** Compares for the order of a history: newest first, of one moment the later id first. To the microsecond, which a `Date` cannot. */
export function newestFirst(a: { occurred_at: string; id: string }, b: { occurred_at: string; id: string }): number {
  const [left, right] = [sortable(a.occurred_at) + a.id, sortable(b.occurred_at) + b.id]
  if (left === right) return 0
  return left < right ? 1 : -1
}
