import { setImmediate as turn } from 'node:timers/promises'
import { TimestampInput } from '@kennwilliamson/contracts/common'
import { z } from 'zod'
import { readEntry, type FileRead } from './entries.ts'
import { unreadable } from './unreadable.ts'

const Incidents = z.array(z.unknown())
const Timer = z.object({ incidents: Incidents, timer: z.object({ started_at: TimestampInput }).optional() })
const Row = z.object({ occurred_at: z.unknown(), notes: z.unknown().optional(), corrected_at: z.unknown().optional() })

/** Entries that are read before others get their turn. */
const BATCH = 2_000

/** Reads our own JSON: the file of a timer, or its list of incidents alone. @throws {ApiError} INVALID_INPUT when it is neither. */
export async function readJson(text: string): Promise<FileRead> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable('is not JSON')
  }
  if (typeof value === 'object' && value !== null && 'timers' in value)
    throw unreadable('holds a whole account: an import takes the file of one timer')
  const list = Incidents.safeParse(value)
  const timer = Timer.safeParse(value)
  if (!list.success && !timer.success) throw unreadable('must be a list of incidents, or the file of a timer')
  const read: FileRead = { entries: [], refused: [], startedAt: timer.data?.timer?.started_at ?? null }
  for (const [index, given] of (list.data ?? timer.data?.incidents ?? []).entries()) {
    if (index % BATCH === BATCH - 1) await turn()
    const row = Row.safeParse(given)
    if (!row.success) {
      read.refused.push({ line: index + 1, reason: 'is no incident' })
      continue
    }
    const { occurred_at: at, notes, corrected_at: correctedAt } = row.data
    const result = readEntry(index + 1, { at, notes: notes ?? null, correctedAt: correctedAt ?? null })
    if ('entry' in result) read.entries.push(result.entry)
    else read.refused.push(result.refusal)
  }
  return read
}
