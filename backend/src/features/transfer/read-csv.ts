import { Readable } from 'node:stream'
import { TimestampInput } from '@kennwilliamson/contracts/common'
import { CsvError, parse } from 'csv-parse'
import { readEntry, readLocalTime, type FileRead } from './entries.ts'
import { takeBack } from './formulas.ts'
import { unreadable } from './unreadable.ts'

/** Reads the rows of one kind of file into what it says. */
type ReadRow = (line: number, cells: string[], read: FileRead) => void

/** Text that is parsed before others get their turn. */
const PIECE = 64 * 1024

/**
 * Reads CSV: our own, or a file of Loop Habit Tracker's (`Checkmarks.csv` of one habit, with or without its headings, or `Slips.csv`). A line
 * that cannot be taken is refused by itself. Commas, semicolons and tabs separate, as spreadsheets write them.
 *
 * @throws {ApiError} INVALID_INPUT when it is no such file, or its quotation marks do not close.
 */
export async function readCsv(text: string): Promise<FileRead> {
  const pieces = (function* () {
    for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE)
  })()
  const parser = Readable.from(pieces).pipe(
    parse({ bom: true, info: true, delimiter: separatorOf(text), relax_column_count: true, skip_empty_lines: true, trim: false }),
  )
  const read: FileRead = { entries: [], refused: [], startedAt: null }
  let readRow: ReadRow | undefined
  let line = 1
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (readRow) readRow(line, record, read)
      else {
        const kind = kindOf(record)
        readRow = kind.readRow
        if (!kind.isHeading) readRow(line, record, read)
      }
      // A quoted note may go over several lines; what is named is the first.
      line = info.lines + 1
    }
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(`cannot be read from line ${line} on: quotation marks do not close`)
    throw error
  }
  if (!readRow) throw unreadable('is empty')
  return read
}

function separatorOf(text: string): string {
  const [first = ''] = text.slice(0, 10_000).split('\n', 1)
  return [',', ';', '\t'].find((separator) => first.includes(separator)) ?? ','
}

function kindOf(first: string[]): { readRow: ReadRow; isHeading: boolean } {
  const names = first.map((cell) => cell.trim().toLowerCase())
  while (names.at(-1) === '') names.pop()
  if (names.includes('occurred_at')) return { readRow: ownRow(names), isHeading: true }
  if (names[0] === 'time' && names.length === 1) return { readRow: loopSlip, isHeading: true }
  if (names[0] === 'date' && names[1] === 'value') return { readRow: loopCheckmark, isHeading: true }
  if (names[0] === 'date' && names.length === 2 && names[1] !== 'score') return { readRow: loopCheckmark, isHeading: true }
  if (names[0] === 'date') throw unreadable('holds several habits, or none: take the Checkmarks.csv out of the folder of one')
  if (names.length >= 2 && readLocalTime(names[0] ?? '') !== null) return { readRow: loopCheckmark, isHeading: false }
  throw unreadable('must have a column named occurred_at, or be a Checkmarks.csv of Loop Habit Tracker')
}

/** Our own: a line says by its kind whether it is an incident, which it is without one, or since when the timer counts. */
function ownRow(names: string[]): ReadRow {
  const [kind, at, notes, corrected] = ['kind', 'occurred_at', 'notes', 'corrected_at'].map((name) => names.indexOf(name))
  return (line, cells, read) => {
    const cell = (index: number | undefined) => (index === undefined || index < 0 ? '' : (cells[index] ?? ''))
    const what = cell(kind).trim().toLowerCase()
    if (what === 'start') {
      const time = TimestampInput.safeParse(cell(at).trim())
      if (time.success) read.startedAt = time.data
      else read.refused.push({ line, reason: 'the time must be one such as 2026-07-05T13:58:04Z' })
      return
    }
    if (what !== '' && what !== 'incident') {
      read.refused.push({ line, reason: 'the kind must be incident or start' })
      return
    }
    take(read, line, { at: cell(at).trim(), notes: takeBack(cell(notes)), correctedAt: cell(corrected).trim() })
  }
}

/** A day and what was noted of it: done by hand, or a quantity; all else is no incident, and nothing to refuse either. */
const loopCheckmark: ReadRow = (line, cells, read) => {
  const [day = '', value = '', notes = ''] = cells.map((cell) => cell.trim())
  const known = /^(?:-?\d+(?:[.,]\d+)?|YES_MANUAL|YES_AUTO|NO|SKIP|UNKNOWN)$/i.exec(value)?.[0].toUpperCase()
  if (known === undefined) {
    read.refused.push({ line, reason: 'the value is none that Loop Habit Tracker writes' })
    return
  }
  // 0 no, 1 by the plan, 2 by hand, 3 skipped; of a habit with a quantity, its thousandfold.
  const isDone = known === 'YES_MANUAL' || known === '2' || Number(known.replace(',', '.')) > 3
  if (isDone) take(read, line, { at: day, notes, correctedAt: '' })
}

/** A slip of a habit that one wants to lose. */
const loopSlip: ReadRow = (line, [time = ''], read) => {
  take(read, line, { at: time.trim(), notes: '', correctedAt: '' })
}

function take(read: FileRead, line: number, given: { at: string; notes: string; correctedAt: string }): void {
  const result = readEntry(line, given)
  if ('entry' in result) read.entries.push(result.entry)
  else read.refused.push(result.refusal)
}
