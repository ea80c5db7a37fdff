import { TimestampInput } from '@kennwilliamson/contracts/common'
import { Notes } from '@kennwilliamson/contracts/timers'
import { z } from 'zod'

/**
 * An incident of a file. `at` is RFC 3339; or, where `isLocal`, a date and time of day in the owner's zone, which nobody but the
 * database turns into an instant.
 */
export interface Entry {
  line: number
  at: string
  isLocal: boolean
  notes: string | null
  correctedAt: string | null
}

/** Why a line is none. */
export interface Refusal {
  line: number
  reason: string
}

/** What a file says, line by line, and since when its timer counted, where it says that. */
export interface FileRead {
  entries: Entry[]
  refused: Refusal[]
  startedAt: string | null
}

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?)?$/

/** A date, with or without a time of day, as the database reads it; null when it is none. A date alone is the beginning of its day. */
export function readLocalTime(text: string): string | null {
  const [, date = '', time = '00:00', second = '00'] = LOCAL.exec(text) ?? []
  const local = `${date} ${time}:${second}`
  const isReal = z.iso.datetime({ local: true }).safeParse(local.replace(' ', 'T')).success
  return isReal && date >= '1000-01-02' && date <= '9998-12-30' ? local : null
}

/** Reads what stands for one incident. Empty text is nothing. */
export function readEntry(
  line: number,
  { at, notes, correctedAt }: { at: unknown; notes: unknown; correctedAt: unknown },
): { entry: Entry } | { refusal: Refusal } {
  const refuse = (reason: string) => ({ refusal: { line, reason } })
  if (typeof at !== 'string' || at === '') return refuse('says no time')
  const local = readLocalTime(at)
  const time = local === null ? TimestampInput.safeParse(at) : null
  if (time && !time.success) return refuse('the time must be one such as 2026-07-05T13:58:04Z')
  const text = Notes.nullish().safeParse(notes)
  if (!text.success) return refuse(`the note ${text.error.issues[0]?.message ?? 'cannot be read'}`)
  const corrected = TimestampInput.nullish().safeParse(correctedAt === '' ? null : correctedAt)
  if (!corrected.success) return refuse('the time of the correction must be one such as 2026-07-05T13:58:04Z')
  return {
    entry: { line, at: local ?? at, isLocal: local !== null, notes: text.data || null, correctedAt: corrected.data ?? null },
  }
}
