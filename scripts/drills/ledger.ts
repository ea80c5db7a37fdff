/** How an answer ended: a definite yes, a definite no, or nothing that tells. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown'

/** One incident, as its writer knows it. */
export interface Entry {
  /** Begins the note of this incident and of no other. */
  marker: string
  /** As the API named it; null while no answer has told. */
  id: string | null
  /** What the database may hold: each a whole note, or null for nothing. More than one while an answer is missing. */
  allowed: (string | null)[]
}

/** What the database holds. */
export interface Row {
  id: string
  notes: string | null
}

/** What became of all requests so far. */
export interface Counts {
  acknowledged: number
  unknown: number
}

/**
 * What every writer was told. An acknowledged change is the only one that may be there; a change without an answer leaves
 * both ways open, and its incident is not touched again.
 */
export interface Ledger {
  counts: Counts
  /** Answers that no healthy site gives, such as 404 for an incident that was acknowledged. */
  surprises: string[]
  /** Notes a new incident before it is asked for: it may come to be or not. */
  open: (marker: string, note: string) => Entry
  /** Notes that a change is on its way: to another note, or to nothing. */
  change: (entry: Entry, to: string | null) => void
  /** Notes how the last request for this entry ended. */
  settle: (entry: Entry, outcome: Outcome) => void
  /** True when nothing about this entry is open, and it is there. */
  isKnown: (entry: Entry) => boolean
  /** One sentence for each difference between what was acknowledged and what is there. */
  compare: (rows: Row[]) => string[]
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const entries = new Map<string, Entry>()
  const counts: Counts = { acknowledged: 0, unknown: 0 }
  return {
    counts,
    surprises: [],
    open(marker, note) {
      const entry: Entry = { marker, id: null, allowed: [null, note] }
      entries.set(marker, entry)
      return entry
    },
    change(entry, to) {
      entry.allowed = [...entry.allowed, to]
    },
    settle(entry, outcome) {
      if (outcome !== 'refused') counts[outcome]++
      // The last one is what was asked for.
      if (outcome === 'acknowledged') entry.allowed = entry.allowed.slice(-1)
      if (outcome === 'refused') entry.allowed = entry.allowed.slice(0, -1)
    },
    isKnown: ({ id, allowed }) => id !== null && allowed.length === 1 && allowed[0] !== null,
    compare(rows) {
      const found = Map.groupBy(rows, ({ notes }) => notes?.split(' ')[0] ?? '')
      const strangers = [...found.keys()].filter((marker) => !entries.has(marker))
      return [
        ...[...entries.values()].flatMap((entry) => compareEntry(entry, found.get(entry.marker) ?? []) ?? []),
        ...strangers.map((marker) => `${marker}: nobody has asked for it`),
      ]
    },
  }
}

function compareEntry({ marker, id, allowed }: Entry, rows: Row[]): string | null {
  const [row, ...more] = rows
  if (more.length > 0) return `${marker}: is there ${rows.length} times`
  if (row === undefined) return allowed.includes(null) ? null : `${marker}: was acknowledged and is lost`
  if (id !== null && row.id !== id) return `${marker}: is there under another id`
  if (allowed.includes(row.notes)) return null
  return allowed.every((note) => note === null)
    ? `${marker}: its deletion was acknowledged and is lost`
    : `${marker}: its edit was acknowledged and is lost`
}
